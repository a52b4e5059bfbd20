/** How a unit that runs is asked to stop. Pure. */
import { describeSpan } from './describe.ts';
import type { RunEnd, StopCause, Unit } from './state.ts';
import type { Transition } from './transition.ts';

type Running = Extract<Unit['state'], { tag: 'running' }>;

/** Asks a running unit to stop, and sees to it. */
export function stop(t: Transition, unit: Unit, state: Running, cause: StopCause): void {
  const { signal, graceMs } = stopRules(unit);
  const { id } = unit;
  const { run, pid } = state;
  const ranMs = ranWellMs(state, cause, t.atMs);
  t.update(id, {
    state: { tag: 'stopping', run, pid, sinceMs: t.atMs, cause, killed: false, ranMs },
  });
  t.order({ type: 'unit.signal', id, run, signal });
  t.order({ type: 'timer.start', id, run, timer: 'grace', ms: graceMs });
  t.tell(id, cause === 'not-ready' ? 'error' : 'info', stopText(unit, cause));
}

/** A launch that is not wanted any more: the command before the program is asked to stop. */
export function abandon(
  t: Transition,
  unit: Unit,
  state: Extract<Unit['state'], { tag: 'starting' }>,
): void {
  const { id } = unit;
  const { run, step } = state;
  t.update(id, { state: { ...state, abandoned: true } });
  t.order({ type: 'unit.abandon', id, run });
  if (step === undefined) return;
  const { signal, graceMs } = stopRules(unit);
  t.order({ type: 'unit.signal', id, run, signal });
  t.order({ type: 'timer.start', id, run, timer: 'grace', ms: graceMs });
  t.tell(id, 'info', `stopping during ${step}`);
}

export function killOverdue(t: Transition, unit: Unit): void {
  const { id, run } = unit;
  t.order({ type: 'unit.kill', id, run });
  t.tell(id, 'warning', `did not stop within ${describeSpan(stopRules(unit).graceMs)}, killed`);
}

/** How a run has ended that was stopped for `cause`. */
export function endOfStop(unit: Unit, cause: StopCause, end: RunEnd): RunEnd {
  if (end.kind !== 'exited' && end.kind !== 'signaled') return end;
  switch (cause) {
    case 'requested':
    case 'restart':
      return end;
    case 'unhealthy':
      return { kind: 'unhealthy', exit: end };
    case 'timeout':
    case 'not-ready': {
      const afterMs = limitMs(unit, cause);
      if (afterMs === undefined) return end;
      return {
        kind: 'timed-out',
        what: cause === 'timeout' ? 'task' : 'start',
        afterMs,
        exit: end,
      };
    }
  }
}

/** For the restart policy: a service runs well until it was last known to be healthy. */
function ranWellMs({ sinceMs, health }: Running, cause: StopCause, nowMs: number): number {
  if (cause === 'not-ready') return 0;
  if (cause !== 'unhealthy') return nowMs - sinceMs;
  const lastPass = health?.lastPassMs;
  return lastPass === undefined ? 0 : lastPass - sinceMs;
}

function stopText(unit: Unit, cause: StopCause): string {
  switch (cause) {
    case 'requested':
    case 'restart':
      return 'stopping';
    case 'timeout':
      return 'its time is over, stopping';
    case 'unhealthy':
      return 'unhealthy, stopping';
    case 'not-ready':
      return `not ready within ${describeSpan(limitMs(unit, cause) ?? 0)}, stopping`;
  }
}

function limitMs(unit: Unit, cause: 'timeout' | 'not-ready'): number | undefined {
  if (unit.kind === 'system') return undefined;
  if (unit.kind === 'service') {
    return cause === 'not-ready' ? unit.policy.startTimeoutMs : undefined;
  }
  return cause === 'timeout' ? unit.policy.timeoutMs : undefined;
}

function stopRules(unit: Unit): { readonly signal: number; readonly graceMs: number } {
  if (unit.kind === 'system') return { signal: 15, graceMs: 10_000 };
  return { signal: unit.policy.stopSignal, graceMs: unit.policy.stopTimeoutMs };
}
