/** Ends of runs and spans of time in words. Pure. */
import { describeExit } from '../../sys/exit.ts';
import type { RunEnd } from './state.ts';

/** `exit code 3`, `out of memory`, `create: exec: "nope": not found` */
export function describeEnd(end: RunEnd): string {
  switch (end.kind) {
    case 'exited':
    case 'signaled':
      return describeExit(end);
    case 'oom-killed':
      return 'killed for want of memory (OOM)';
    case 'lost':
      return 'ended while PID 1 was being executed again';
    case 'timed-out':
      return `timed out after ${describeSpan(end.afterMs)} (${describeExit(end.exit)})`;
    case 'not-started':
      return `${end.stage}: ${end.message}`;
  }
}

/** `0.4 s`, `12 s`, `3 min`, `5 h`, `9 d` */
export function describeSpan(ms: number): string {
  const s = ms / 1000;
  if (s < 10) return `${s.toFixed(1)} s`;
  if (s < 120) return `${Math.round(s)} s`;
  if (s < 7200) return `${Math.round(s / 60)} min`;
  return s < 172_800 ? `${Math.round(s / 3600)} h` : `${Math.round(s / 86_400)} d`;
}
