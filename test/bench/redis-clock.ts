/**
 * The guest's wall clock against the host's, asked of Redis itself: the one thing that answers on both
 * machines, and without a process started for it.
 */
import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { pingRedis } from '../../build/run/redis-ping.ts';
import { parseTimeAnswer } from './redis-time.ts';

const PING_EVERY_MS = 40;
/** A connection made before the guest had an address gets no answer; a good one takes far less. */
const PATIENCE_MS = 1_000;

/**
 * Asks Redis again and again until it answers; `performance.now()` of that, or `undefined` when
 * `signal` aborts before.
 */
export async function firstPong(port: number, signal: AbortSignal): Promise<number | undefined> {
  let answeredAt: number | undefined;
  const done = new AbortController();
  const stop = AbortSignal.any([signal, done.signal]);
  const ask = async (): Promise<void> => {
    const patience = AbortSignal.any([stop, AbortSignal.timeout(PATIENCE_MS)]);
    if (!(await pingRedis(port, patience))) return;
    answeredAt ??= performance.now();
    done.abort();
  };
  while (!stop.aborted) {
    void ask();
    // An abort ends the pause early and is seen by the loop's condition.
    await delay(PING_EVERY_MS, undefined, { signal: stop }).catch(() => {});
  }
  return answeredAt;
}

const QUESTIONS = 8;

/**
 * What to add to the guest's wall clock (milliseconds since the epoch) to get `performance.now()`:
 * from the quickest of several answers, as half of its way is the error.
 */
export async function guestClockOffset(port: number): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  let quickest = { tookMs: Number.POSITIVE_INFINITY, offset: Number.NaN };
  try {
    await once(socket, 'connect');
    for (let question = 0; question < QUESTIONS; question += 1) {
      const asked = performance.now();
      const epochMs = parseTimeAnswer(await askTime(socket));
      const tookMs = performance.now() - asked;
      if (epochMs === undefined) throw new Error('Redis did not answer TIME');
      if (tookMs < quickest.tookMs) quickest = { tookMs, offset: asked + tookMs / 2 - epochMs };
    }
  } finally {
    socket.destroy();
  }
  return quickest.offset;
}

async function askTime(socket: Socket): Promise<string> {
  const answer = once(socket, 'data', { signal: AbortSignal.timeout(10_000) });
  socket.write('TIME\r\n');
  const [bytes] = (await answer) as [Buffer];
  return bytes.toString('latin1');
}
