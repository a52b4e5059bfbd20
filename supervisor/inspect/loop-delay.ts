/**
 * How late PID 1's event loop turns: everything it does waits for that. Measured by a timer, which costs a
 * wakeup a hundred times a second, so only while somebody follows.
 */
import type { LoopDelay } from '../control/api.ts';
import type { Feed } from '../control/control-port.ts';

const RESOLUTION_MS = 10;
const REPORT_MS = 1000;

/** Tells followers once a second; a count that began with the first of them. */
export function createLoopDelayFeed(nowMs: () => number): Feed<LoopDelay> {
  const listeners = new Set<(delay: LoopDelay) => void>();
  let stop: (() => void) | undefined;

  function start(): () => void {
    const { monitorEventLoopDelay } = process.getBuiltinModule('node:perf_hooks');
    const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    histogram.enable();
    // The histogram has the time between two turns of a timer; what is above the timer's own is delay.
    const late = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
    const timer = setInterval(() => {
      if (histogram.count === 0) return;
      const delay: LoopDelay = {
        atMs: nowMs(),
        turns: histogram.count,
        p50Ms: late(histogram.percentile(50)),
        p99Ms: late(histogram.percentile(99)),
        maxMs: late(histogram.max),
      };
      for (const listener of listeners) listener(delay);
    }, REPORT_MS);
    return () => {
      clearInterval(timer);
      histogram.disable();
    };
  }

  return {
    recent: () => [],
    follow(listener) {
      listeners.add(listener);
      stop ??= start();
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        stop?.();
        stop = undefined;
      };
    },
  };
}
