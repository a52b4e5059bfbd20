/**
 * Follows all logs of the machine through the control API, from the oldest line that is kept, for as long as
 * the process lives. Each line once, whatever happens to the connection.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { MachineInfo, MachineLogLine } from '../control/api.ts';
import type { ControlClient } from '../control/client.ts';
import { SeenLines } from './seen-lines.ts';

const RETRY_MS = 1000;

export interface LogListener {
  readonly onLine: (line: MachineLogLine) => void;
  /** So many lines were dropped before they could be read. */
  readonly onLost: (count: number) => void;
}

/** Resolves when `signal` aborts. */
export async function followLogs(
  client: ControlClient,
  { onLine, onLost }: LogListener,
  signal: AbortSignal,
  retryMs: number = RETRY_MS,
): Promise<void> {
  const seen = new SeenLines();
  let generation: number | undefined;
  while (!signal.aborted) {
    try {
      const machine = await client.get<MachineInfo>('/v1/machine');
      if (machine.generation !== generation) seen.forget();
      ({ generation } = machine);
      await client.stream<MachineLogLine>(
        '/v1/logs?follow=1',
        (line) => {
          const missed = seen.see(line);
          if (missed === undefined) return;
          if (missed > 0) onLost(missed);
          onLine(line);
        },
        signal,
      );
    } catch {
      // PID 1 is being executed again, or has dropped us: what it keeps is there a moment later.
    }
    if (!signal.aborted) await delay(retryMs, undefined, { signal }).catch(() => undefined);
  }
}
