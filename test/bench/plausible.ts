/**
 * Whether a boot was measured at all. On a host with more to do than processors, QEMU or this process
 * can be late by a second when the line about /init comes, and every time counted from it is then
 * short by that much; what happened before it shows that. Pure.
 */
import type { Boot } from './figures.ts';

/** Clocks are mapped onto each other to some milliseconds, not better. */
const TOLERANCE_MS = 60;

/** What is wrong, or `undefined`. */
export function implausible({ sinceInit }: Boot): string | undefined {
  const { nodeStart, program, mounts, services, redisBegan, redisReady, pong } = sinceInit;
  const order = [0, nodeStart ?? program, program, mounts, services, redisBegan, redisReady];
  if (order.some((atMs, index) => atMs < (order[index - 1] ?? 0))) {
    return `not in order: ${order.map(Math.round).join(', ')} ms after /init`;
  }
  if (pong + TOLERANCE_MS < redisReady) return 'Redis answered before it listened';
  return undefined;
}
