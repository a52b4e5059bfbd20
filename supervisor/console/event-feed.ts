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
  pause: (ms: number, signal: AbortSignal) => Promise<void> = pauseFor,
): Promise<void> {
  let known: MachineInfo | undefined;
  let isNew = notBefore(undefined);
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
      if (how === 're-executed') isNew = notBefore(last);
      const since = how === 'again' && last !== undefined ? `&since=${last.seq}` : '';
      await client.stream<HistoryEntry>(
        `/v1/events?follow=1${since}`,
        (entry) => {
          if (!isNew(entry)) return;
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
    await pause(retryMs, signal);
    retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
  }
}

function pauseFor(ms: number, signal: AbortSignal): Promise<void> {
  return delay(ms, undefined, { signal }).catch(() => {
    // Aborted: the loop sees it.
  });
}

/**
 * Accepts each entry of one generation of PID 1 once. Sequence numbers may begin again in the next one;
 * the clock is the kernel's and goes on, so that is what tells what the last generation already told.
 */
function notBefore(told: HistoryEntry | undefined): (entry: HistoryEntry) => boolean {
  let lastSeq = 0;
  return (entry) => {
    if (entry.seq <= lastSeq || (told !== undefined && entry.atMs <= told.atMs)) return false;
    lastSeq = entry.seq;
    return true;
  };
}
