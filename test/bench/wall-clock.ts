/**
 * The difference between the two clocks of one guest: our machine tells times since the kernel started
 * (CLOCK_MONOTONIC), Redis' log has the wall clock. Pure.
 */
import type { LogLine } from '../../supervisor/control/api.ts';
import { parseRedisLine } from './redis-log.ts';

/**
 * What to add to a time of the machine to get its wall clock. Every line of Redis' log carries both: its
 * own stamp, and when PID 1 read it, which is a little later, so the line that was read soonest tells.
 */
export function wallClockOffset(log: readonly LogLine[]): number {
  const differences = log.flatMap(({ atMs, text }) => {
    const line = parseRedisLine(text);
    return line === undefined ? [] : [line.epochMs - atMs];
  });
  if (differences.length === 0) throw new Error("No line of Redis' log is understood");
  return Math.max(...differences);
}
