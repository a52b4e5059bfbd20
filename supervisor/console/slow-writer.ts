/**
 * Writes to a terminal that may be slow, stopped or without a reader, without ever blocking the event
 * loop for longer than one small piece takes. Owns the schedule; what gives way is output-queue.ts's.
 */
import { errnoCode } from '../../sys/errno.ts';
import { createOutputQueue } from './output-queue.ts';

const MAX_QUEUED_BYTES = 64 * 1024;
/** Who has more to say waits until less than this is queued. */
const LOW_WATER_BYTES = 4 * 1024;
/** At 115200 baud, 90 ms of line time. */
const PIECE_BYTES = 1024;
const FIRST_RETRY_MS = 20;
const LONGEST_RETRY_MS = 1_000;

export interface SlowWriter {
  /** Queued at once. May be dropped when the terminal does not take what came before it. */
  write(text: string | Uint8Array): void;
  /** Resolves when there is room again, or when the terminal is lost. */
  room(): Promise<void>;
  /** Resolves when everything is written, or when the terminal is lost. */
  flushed(): Promise<void>;
  /** Drops what waits. */
  clear(): void;
}

/**
 * @param writeSome a write that does not block: how many bytes were taken, or throws `EAGAIN`
 * @param onLost called once, when writing failed for good
 */
export function createSlowWriter(
  writeSome: (bytes: Uint8Array) => number,
  onLost: () => void,
): SlowWriter {
  const queue = createOutputQueue(MAX_QUEUED_BYTES);
  let waiting: { readonly bytes: number; readonly resolve: () => void }[] = [];
  let retryMs = FIRST_RETRY_MS;
  let isScheduled = false;
  let isLost = false;

  function step(): void {
    isScheduled = false;
    const piece = queue.peek(PIECE_BYTES);
    if (piece.length > 0) {
      try {
        queue.consume(writeSome(piece));
        retryMs = FIRST_RETRY_MS;
        scheduleNow();
      } catch (error) {
        if (errnoCode(error) === 'EAGAIN') scheduleRetry();
        else lose();
      }
    }
    tellWaiting();
  }

  function scheduleNow(): void {
    if (isScheduled || isLost) return;
    isScheduled = true;
    setImmediate(step);
  }

  function scheduleRetry(): void {
    isScheduled = true;
    setTimeout(step, retryMs);
    retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
  }

  function lose(): void {
    isLost = true;
    queue.clear();
    onLost();
  }

  function tellWaiting(): void {
    const ready = waiting.filter(({ bytes }) => isLost || queue.bytes <= bytes);
    waiting = waiting.filter((one) => !ready.includes(one));
    for (const { resolve } of ready) resolve();
  }

  function below(bytes: number): Promise<void> {
    if (isLost || queue.bytes <= bytes) return Promise.resolve();
    return new Promise((resolve) => {
      waiting.push({ bytes, resolve });
    });
  }

  return {
    write(text) {
      if (isLost) return;
      queue.push(text);
      scheduleNow();
    },
    room: () => below(LOW_WATER_BYTES),
    flushed: () => below(0),
    clear() {
      queue.clear();
      tellWaiting();
    },
  };
}
