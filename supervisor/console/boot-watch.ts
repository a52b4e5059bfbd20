/**
 * Finds out when the boot is over. PID 1 says so in its boot report only, so the report is asked for
 * when something happened, and seldom in between, until it says so; after that never again.
 */
import type { BootReport, MachineInfo, UnitStatus } from '../control/api.ts';
import type { ControlClient } from '../control/client.ts';
import { WIDTH } from './screen.ts';
import { type Summary, summarize } from '../view/summary-view.ts';

/** Events come in bursts; one question for each burst is enough. */
const AFTER_EVENT_MS = 200;
const FIRST_RECHECK_MS = 2_000;
const LONGEST_RECHECK_MS = 60_000;

export interface BootWatch {
  somethingHappened(): void;
  stop(): void;
}

/** Calls `onSettled` once, with the summary. */
export function watchBoot(client: ControlClient, onSettled: (summary: Summary) => void): BootWatch {
  let timer: NodeJS.Timeout | undefined;
  let state: 'idle' | 'soon' | 'asking' | 'asking, then soon' | 'over' = 'idle';
  let recheckMs = FIRST_RECHECK_MS;

  async function ask(): Promise<void> {
    state = 'asking';
    const settled = await settledSummary(client);
    if (isOver()) return;
    if (settled !== undefined) {
      state = 'over';
      onSettled(settled);
    } else if (isAskedAgain()) {
      arm('soon', AFTER_EVENT_MS);
    } else {
      arm('idle', recheckMs);
      recheckMs = Math.min(recheckMs * 2, LONGEST_RECHECK_MS);
    }
  }

  /** Functions, because the state changes while `ask` waits. */
  function isOver(): boolean {
    return state === 'over';
  }

  function isAskedAgain(): boolean {
    return state === 'asking, then soon';
  }

  function arm(next: 'idle' | 'soon', ms: number): void {
    state = next;
    clearTimeout(timer);
    timer = setTimeout(() => void ask(), ms);
  }

  return {
    somethingHappened() {
      if (state === 'idle') arm('soon', AFTER_EVENT_MS);
      else if (state === 'asking') state = 'asking, then soon';
    },
    stop() {
      state = 'over';
      clearTimeout(timer);
    },
  };
}

/** `undefined` while the boot goes on, and when PID 1 is too busy to answer. */
async function settledSummary(client: ControlClient): Promise<Summary | undefined> {
  try {
    const boot = await client.get<BootReport>('/v1/boot');
    return boot.milestones['settled'] === undefined ? undefined : await summary(client, boot);
  } catch {
    // It is asked again, when something happens or at the next recheck.
    return undefined;
  }
}

async function summary(client: ControlClient, boot: BootReport): Promise<Summary> {
  const [machine, units] = await Promise.all([
    client.get<MachineInfo>('/v1/machine'),
    client.get<readonly UnitStatus[]>('/v1/services'),
  ]);
  return summarize(machine, units, boot, WIDTH);
}
