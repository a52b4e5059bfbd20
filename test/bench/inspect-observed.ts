/** What the observer saw in its machine. */
import { setTimeout as delay } from 'node:timers/promises';
import { askGuest } from '../../build/run/guest-api.ts';
import type { Vm } from '../../build/run/vm.ts';
import type { LogLine, UnitStatus } from '../../supervisor/control/api.ts';
import type { ControlClient } from '../../supervisor/control/client.ts';
import { OBSERVED, OBSERVER, type OwnProcess, ownProcesses } from './observer.ts';

const LIMIT_MS = 60_000;
const AGAIN_MS = 500;

export async function inspectObserved(vm: Vm): Promise<OwnProcess[]> {
  const deadline = performance.now() + LIMIT_MS;
  while (performance.now() < deadline) {
    const { lines, units } = await askGuest(vm.controlSocketPath, ask, LIMIT_MS);
    if (lines.includes(OBSERVED)) return ownProcesses(lines, units);
    await delay(AGAIN_MS);
  }
  throw new Error(`The observer saw nothing; the console: ${vm.consoleLogPath}`);
}

async function ask(
  guest: ControlClient,
): Promise<{ readonly lines: readonly string[]; readonly units: readonly UnitStatus[] }> {
  const lines: string[] = [];
  await guest.stream<LogLine>(`/v1/services/${OBSERVER}/logs?tail=100`, ({ text }) => {
    lines.push(text);
  });
  return { lines, units: await guest.get<UnitStatus[]>('/v1/services') };
}
