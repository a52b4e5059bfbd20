/**
 * Finds out when the boot is over. PID 1 says so in its boot report only, so the report is asked for
 * when something happened, and seldom in between, until it says so; after that never again.
 */
import type { BootReport, MachineInfo, UnitStatus } from '../control/api.ts';
import type { ControlClient } from '../control/client.ts';
import { WIDTH } from './screen.ts';
import { summaryLines } from './summary-view.ts';

/** Events come in bursts; one question for each burst is enough. */
const AFTER_EVENT_MS = 200;
const FIRST_RECHECK_MS = 2_000;
const LONGEST_RECHECK_MS = 60_000;

export interface BootWatch {
  somethingHappened(): void;
  stop(): void;
}

/** Calls `onSettled` once, with the summary. */
export function watchBoot(
  client: ControlClient,
  onSettled: (summary: readonly string[]) => void,
): BootWatch {
  let timer: NodeJS.Timeout | undefined;
  let isSoon = false;
  let isOver = false;
  let isStopped = false;
  let recheckMs = FIRST_RECHECK_MS;

  async function check(): Promise<void> {
    isSoon = false;
    try {
      const boot = await client.get<BootReport>('/v1/boot');
      if (boot.milestones['settled'] !== undefined) {
        isOver = true;
        const lines = await summary(client, boot);
        if (!isStopped) onSettled(lines);
      }
    } catch {
      // PID 1 is busy or away; the recheck asks again.
      isOver = false;
    }
    if (isOver || isSoon || isStopped) return;
    arm(recheckMs);
    recheckMs = Math.min(recheckMs * 2, LONGEST_RECHECK_MS);
  }

  function arm(ms: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => void check(), ms);
  }

  return {
    somethingHappened() {
      if (isOver || isSoon || isStopped) return;
      isSoon = true;
      arm(AFTER_EVENT_MS);
    },
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}

async function summary(client: ControlClient, boot: BootReport): Promise<readonly string[]> {
  const [machine, units] = await Promise.all([
    client.get<MachineInfo>('/v1/machine'),
    client.get<readonly UnitStatus[]>('/v1/services'),
  ]);
  return summaryLines(machine, units, boot, WIDTH);
}
