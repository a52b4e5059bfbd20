/** What the observer saw in its machine: before this asked, and while it is connected. */
import { setTimeout as delay } from 'node:timers/promises';
import { askGuest } from '../../build/run/guest-api.ts';
import type { Vm } from '../../build/run/vm.ts';
import type { LogLine, UnitStatus } from '../../supervisor/control/api.ts';
import type { ControlClient } from '../../supervisor/control/client.ts';
import {
  completeLooks,
  LOOK_SECONDS,
  OBSERVER,
  type OwnProcess,
  ownProcesses,
} from './observer.ts';

const LIMIT_MS = 60_000;

export async function inspectObserved(vm: Vm): Promise<OwnProcess[]> {
  return askGuest(vm.controlSocketPath, observe, LIMIT_MS);
}

/** One connection for all of it: the bridge lives no longer than its host. */
async function observe(guest: ControlClient): Promise<OwnProcess[]> {
  const before = completeLooks(await logOf(guest)).length;
  // The first look after this may have begun earlier.
  await delay(3 * LOOK_SECONDS * 1000);
  const lines = await logOf(guest);
  if (before === 0 || completeLooks(lines).length < before + 2) {
    throw new Error('The observer did not look in time');
  }
  return ownProcesses(lines, await guest.get<UnitStatus[]>('/v1/services'));
}

async function logOf(guest: ControlClient): Promise<string[]> {
  const lines: string[] = [];
  await guest.stream<LogLine>(`/v1/services/${OBSERVER}/logs?tail=1000`, ({ text }) => {
    lines.push(text);
  });
  return lines;
}
