/**
 * Keeps a reader supplied with every event exactly once, across losses of the connection and across
 * re-executions of PID 1. Without a connection it tries again, less and less often; with one it only
 * waits.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { HistoryEntry, MachineInfo } from '../control/api.ts';
import type { ControlClient } from '../control/client.ts';

const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 1_000;

export interface EventReader {
  connected(machine: MachineInfo, how: 'first' | 'again' | 're-executed'): void;
  event(entry: HistoryEntry): void;
  /** The connection ended; the feed is trying to make it again. */
  lost(): void;
}

/** Runs until `signal` aborts. */
export async function followEvents(
  client: ControlClient,
  reader: EventReader,
  signal: AbortSignal,
): Promise<void> {
  let known: MachineInfo | undefined;
  let last: HistoryEntry | undefined;
  let retryMs = FIRST_RETRY_MS;

  while (!signal.aborted) {
    let isConnected = false;
    try {
      const machine = await client.get<MachineInfo>('/v1/machine');
      const isSame = known?.generation === machine.generation;
      const how = known === undefined ? 'first' : isSame ? 'again' : 're-executed';
      known = machine;
      isConnected = true;
      retryMs = FIRST_RETRY_MS;
      reader.connected(machine, how);
      const since = how === 'again' && last !== undefined ? `&since=${last.seq}` : '';
      await client.stream<HistoryEntry>(
        `/v1/events?follow=1${since}`,
        (entry) => {
          if (!isNewer(entry, last)) return;
          last = entry;
          reader.event(entry);
        },
        signal,
      );
    } catch {
      // No server yet, or it went away, or it is too busy to answer: all end in trying again.
    }
    if (signal.aborted) return;
    if (isConnected) reader.lost();
    await delay(retryMs, undefined, { signal }).catch(() => {});
    retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
  }
}

/**
 * Sequence numbers may begin again in a new generation of PID 1; the clock is the kernel's and does not.
 */
function isNewer(entry: HistoryEntry, last: HistoryEntry | undefined): boolean {
  if (last === undefined || entry.atMs > last.atMs) return true;
  return entry.atMs === last.atMs && entry.seq > last.seq;
}
