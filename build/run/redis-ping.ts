/**
 * Just enough RESP to know that a Redis lives: one inline PING. QEMU's user network accepts connections
 * before the guest listens, so only the answer counts.
 */
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Whether the Redis on this port of the loopback answers `+PONG` within `timeoutMs`. */
export function pingRedis(port: number, timeoutMs: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, '127.0.0.1', () => void socket.write('PING\r\n'));
  let answer = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    answer += text;
    if (answer.includes('\n')) resolve(answer.startsWith('+PONG'));
  });
  socket.on('error', () => resolve(false));
  socket.on('close', () => resolve(false));
  const timer = setTimeout(() => resolve(false), timeoutMs);
  return promise.finally(() => {
    clearTimeout(timer);
    socket.destroy();
  });
}

/** Asks again and again until Redis answers (true) or `signal` aborts (false). */
export async function waitForRedis(port: number, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    if (await pingRedis(port, 2_000)) return true;
    await delay(50, undefined, { signal }).catch(() => {});
  }
  return false;
}
