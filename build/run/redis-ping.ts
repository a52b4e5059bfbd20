/**
 * Just enough RESP to know that a Redis lives: one inline PING. QEMU's user network accepts connections
 * before the guest listens or even has an address, so only the answer counts.
 */
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Whether the Redis on this port of the loopback answers `+PONG` before `signal` aborts. */
export function pingRedis(port: number, signal: AbortSignal): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  if (signal.aborted) return Promise.resolve(false);
  const socket = connect(port, '127.0.0.1', () => void socket.write('PING\r\n'));
  let answer = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    answer += text;
    if (answer.includes('\n')) resolve(answer.startsWith('+PONG'));
  });
  socket.on('error', () => resolve(false));
  socket.on('close', () => resolve(false));
  const onAbort = (): void => resolve(false);
  signal.addEventListener('abort', onAbort, { once: true });
  return promise.finally(() => {
    signal.removeEventListener('abort', onAbort);
    socket.destroy();
  });
}

/** One question after another, this far apart. */
const INTERVAL_MS = 100;
/** A connection made before the guest had an address never gets an answer: it is given up then. */
const PATIENCE_MS = 3_000;

/**
 * Asks until Redis answers (true) or `signal` aborts (false). It does not wait for one question before
 * it asks the next, so the answer is seen within `INTERVAL_MS` of the first possible moment.
 */
export async function waitForRedis(port: number, signal: AbortSignal): Promise<boolean> {
  const done = new AbortController();
  const stop = AbortSignal.any([signal, done.signal]);
  while (!stop.aborted) {
    const patience = AbortSignal.any([stop, AbortSignal.timeout(PATIENCE_MS)]);
    void ask(port, patience, done);
    // An abort ends the pause early and is seen by the loop's condition.
    await delay(INTERVAL_MS, undefined, { signal: stop }).catch(() => {});
  }
  return done.signal.aborted;
}

async function ask(port: number, patience: AbortSignal, done: AbortController): Promise<void> {
  if (await pingRedis(port, patience)) done.abort();
}
