/** Ends of runs and spans of time in words. Pure. */
import { describeExit } from '../../sys/exit.ts';
import type { ProbeResult } from './health.ts';
import type { Condition } from './policy.ts';
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
      return end.what === 'task'
        ? `timed out after ${describeSpan(end.afterMs)} (${describeExit(end.exit)})`
        : `not ready within ${describeSpan(end.afterMs)} (${describeExit(end.exit)})`;
    case 'unhealthy':
      return `unhealthy (${describeExit(end.exit)})`;
    case 'not-started':
      return `${end.stage}: ${end.message}`;
  }
}

/** What follows "waits for": `path /run/secret`, `an address on eth0`, `the clock to be set` */
export function describeCondition(condition: Condition): string {
  switch (condition.kind) {
    case 'path':
      return `path ${condition.path}`;
    case 'network':
      return `an address on ${condition.interface ?? 'any network'}`;
    case 'time':
      return `the clock to be ${condition.is}`;
  }
}

/** The first line of what a health check has said. */
export function describeProbe({ output, passed }: Pick<ProbeResult, 'output' | 'passed'>): string {
  const line = output.trim().split('\n', 1)[0] ?? '';
  if (line !== '') return line.length > 200 ? `${line.slice(0, 200)}…` : line;
  return passed ? 'passed' : 'no output';
}

/** `0.4 s`, `12 s`, `3 min`, `5 h`, `9 d` */
export function describeSpan(ms: number): string {
  const s = ms / 1000;
  if (s < 10) return `${s.toFixed(1)} s`;
  if (s < 120) return `${Math.round(s)} s`;
  if (s < 7200) return `${Math.round(s / 60)} min`;
  return s < 172_800 ? `${Math.round(s / 3600)} h` : `${Math.round(s / 86_400)} d`;
}
