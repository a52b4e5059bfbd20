/** Follows what happens on the machine for as long as the process lives, across executions of PID 1. */
import { setTimeout as delay } from 'node:timers/promises';
import type { HistoryEntry, MachineInfo } from '../control/api.ts';
import type { ControlClient } from '../control/client.ts';

const RETRY_MS = 1000;

/**
 * Resolves when `signal` aborts.
 * @param onBreak numbers begin again, and what is kept comes once more
 */
export async function followEvents(
  client: ControlClient,
  onEvent: (entry: HistoryEntry) => void,
  onBreak: () => void,
  signal: AbortSignal,
  retryMs: number = RETRY_MS,
): Promise<void> {
  let generation: number | undefined;
  let since = 0;
  while (!signal.aborted) {
    try {
      const machine = await client.get<MachineInfo>('/v1/machine');
      if (machine.generation !== generation) {
        since = 0;
        onBreak();
      }
      ({ generation } = machine);
      await client.stream<HistoryEntry>(
        `/v1/events?since=${since}&follow=1`,
        (entry) => {
          since = entry.seq;
          onEvent(entry);
        },
        signal,
      );
    } catch {
      // PID 1 is being executed again, or has dropped us: what it keeps is there a moment later.
    }
    if (!signal.aborted) await delay(retryMs, undefined, { signal }).catch(() => undefined);
  }
}
