/**
 * What facts do to the unit they are about: the left half of the table in state.ts. Pure.
 */
import { describeCondition, describeEnd } from './describe.ts';
import type { Change, TimerName } from './effect.ts';
import type { Event } from './event.ts';
import { firstKnowledge, orderProbe, probed, saidReady } from './health-facts.ts';
import { requestEnd } from './machine-end.ts';
import { decideRestart, isSuccess } from './restart-policy.ts';
import { isTask, type RunEnd, type Unit } from './state.ts';
import { endOfStop, killOverdue, stop } from './stop.ts';
import type { Transition } from './transition.ts';

/** Facts about one run of one unit. */
export type RunFact = Extract<Event, { readonly run: number }>;

/** The caller has made sure that the fact is about the unit's current run. */
export function applyFact(t: Transition, unit: Unit, fact: RunFact): void {
  const { state } = unit;
  switch (fact.type) {
    case 'unit.held':
      if (state.tag === 'starting')
        t.update(unit.id, { state: { ...state, heldFor: fact.heldFor } });
      return;
    case 'unit.missing':
      if (state.tag === 'waiting' && state.awaits !== undefined) {
        const awaits = { ...state.awaits, missing: fact.missing };
        t.update(unit.id, { state: { ...state, awaits } });
      }
      return;
    case 'unit.step':
      if (state.tag === 'starting') {
        const { pid, step } = fact;
        t.update(unit.id, { state: { ...state, pid, step } });
        t.tell(unit.id, 'info', step);
      }
      return;
    case 'unit.created':
      if (state.tag === 'starting') created(t, unit, state, fact.pid);
      return;
    case 'unit.ready':
      saidReady(t, unit);
      return;
    case 'unit.probed':
      probed(t, unit, { ...fact.result, atMs: t.atMs });
      return;
    case 'unit.started':
      started(t, unit);
      return;
    case 'unit.start-failed':
      if (state.tag === 'starting') {
        const { stage, message } = fact;
        ended(t, unit, { kind: 'not-started', stage, message }, 0);
      }
      return;
    case 'unit.exited':
      exited(t, unit, fact.end);
      return;
    case 'unit.removed':
      if (state.tag === 'cleaning') removed(t, unit, state);
      return;
    case 'timer.fired':
      timerFired(t, unit, fact.timer);
  }
}

function started(t: Transition, unit: Unit): void {
  const { state } = unit;
  if (state.tag !== 'starting' || state.pid === undefined) return;
  if (state.ended !== undefined) {
    ended(t, unit, state.ended, t.atMs - state.sinceMs);
    return;
  }
  const { run, pid } = state;
  const running = {
    tag: 'running',
    run,
    pid,
    sinceMs: t.atMs,
    ...firstKnowledge(unit, state),
  } as const;
  t.update(unit.id, { state: running });
  t.tell(unit.id, 'info', `running (pid ${pid})`);
  orderProbe(t, unit, running);
  if (isTask(unit) && unit.policy.timeoutMs !== undefined) {
    const ms = unit.policy.timeoutMs;
    t.order({ type: 'timer.start', id: unit.id, run, timer: 'task', ms });
  }
}

function created(
  t: Transition,
  unit: Unit,
  { step: _over, ...state }: Extract<Unit['state'], { tag: 'starting' }>,
  pid: number,
): void {
  t.update(unit.id, { state: { ...state, pid } });
}

function exited(t: Transition, unit: Unit, end: RunEnd): void {
  const { state } = unit;
  if (state.tag === 'starting') {
    // A short program can end before the runtime's start has returned; the runtime is heard first.
    t.update(unit.id, { state: { ...state, ended: end } });
  } else if (state.tag === 'running') {
    ended(t, unit, end, t.atMs - state.sinceMs);
  } else if (state.tag === 'stopping') {
    ended(t, unit, endOfStop(unit, state.cause, end), state.ranMs);
  }
}

function ended(t: Transition, unit: Unit, end: RunEnd, ranMs: number): void {
  const { run, state } = unit;
  const relaunch =
    (state.tag === 'stopping' && state.cause === 'restart') ||
    (state.tag === 'starting' && state.abandoned);
  t.update(unit.id, {
    state: { tag: 'cleaning', run, sinceMs: t.atMs, ranMs, relaunch },
    lastEnd: { atMs: t.atMs, end },
  });
  t.order({ type: 'unit.remove', id: unit.id, run });
  t.tell(unit.id, severityOf(unit, end), describeEnd(end));
}

function severityOf(unit: Unit, end: RunEnd): Change['severity'] {
  if (unit.state.tag === 'starting' && unit.state.abandoned) return 'info';
  if (end.kind === 'not-started' || end.kind === 'timed-out') return 'error';
  if (end.kind === 'unhealthy') return 'warning';
  if (unit.state.tag === 'stopping') return 'info';
  if (unit.kind === 'system') return 'warning';
  if (isSuccess(end, unit.policy.successExitStatus)) return 'info';
  return isTask(unit) ? 'error' : 'warning';
}

function removed(t: Transition, unit: Unit, state: Unit['state'] & { tag: 'cleaning' }): void {
  if (unit.desired === 'down') {
    t.update(unit.id, { state: { tag: 'stopped', sinceMs: t.atMs } });
  } else if (state.relaunch) {
    t.update(unit.id, { state: { tag: 'waiting' }, shortRuns: 0 });
  } else if (unit.lastEnd !== undefined) {
    decideNext(t, unit, unit.lastEnd.end, state);
  }
}

function decideNext(
  t: Transition,
  unit: Unit,
  end: RunEnd,
  { ranMs, sinceMs }: Unit['state'] & { tag: 'cleaning' },
): void {
  const decision = decideRestart(rulesOf(unit), { end, ranMs, shortRuns: unit.shortRuns });
  if (decision.restart) {
    const { delayMs, shortRuns } = decision;
    const { id, run } = unit;
    // From its end on: removing what it has left behind is part of the delay, not on top of it.
    const untilMs = Math.max(t.atMs, sinceMs + delayMs);
    t.update(id, { shortRuns, state: { tag: 'backoff', run, sinceMs: t.atMs, untilMs } });
    const ms = untilMs - t.atMs;
    t.order({ type: 'timer.start', id, run, timer: 'backoff', ms });
  } else if (decision.failed) {
    fail(t, unit, decision.why);
  } else {
    t.update(unit.id, { state: { tag: 'finished', sinceMs: t.atMs } });
    if (unit.kind === 'service' && unit.policy.essential) {
      requestEnd(t, 'poweroff', `${unit.id}, which is essential and has finished`);
    }
  }
}

function rulesOf(unit: Unit): Parameters<typeof decideRestart>[0] {
  switch (unit.kind) {
    case 'service':
      return unit.policy;
    case 'onboot':
    case 'onshutdown':
      return { restart: { kind: 'no' }, successExitStatus: unit.policy.successExitStatus };
    case 'system':
      return { restart: { kind: 'always' }, successExitStatus: [] };
  }
}

/** For good: nothing but a person starts it again. */
export function fail(t: Transition, unit: Unit, why?: string): void {
  const state = { tag: 'failed', sinceMs: t.atMs } as const;
  t.update(unit.id, { state: why === undefined ? state : { ...state, why } });
  if (why !== undefined) t.tell(unit.id, 'error', `failed: ${why}`);
  if (unit.kind === 'onboot' && unit.policy.onFailure !== 'continue') {
    requestEnd(t, unit.policy.onFailure, `onboot task ${unit.id}, which has failed`);
  }
  if (unit.kind === 'service' && unit.policy.essential) {
    requestEnd(t, 'reboot', `${unit.id}, which is essential and has failed`);
  }
}

function timerFired(t: Transition, unit: Unit, timer: TimerName): void {
  const { state, id, run } = unit;
  switch (timer) {
    case 'backoff':
      if (state.tag === 'backoff') t.update(id, { state: { tag: 'waiting' } });
      return;
    case 'grace':
      if (state.tag === 'stopping' && !state.killed) {
        t.update(id, { state: { ...state, killed: true } });
        killOverdue(t, unit);
      } else if (state.tag === 'starting' && state.abandoned) {
        killOverdue(t, unit);
      }
      return;
    case 'start':
      if (state.tag === 'starting' && state.heldFor === undefined) {
        t.order({ type: 'unit.kill', id, run });
        t.tell(id, 'error', 'did not start in time, killed');
      } else if (state.tag === 'running' && !state.ready) {
        stop(t, unit, state, 'not-ready');
      }
      return;
    case 'task':
      if (state.tag === 'running') stop(t, unit, state, 'timeout');
      return;
    case 'probe':
      if (state.tag === 'running') t.order({ type: 'unit.probe', id, run });
      return;
    case 'wait':
      if (state.tag === 'waiting' && state.awaits !== undefined) waitsLong(t, unit, state.awaits);
  }
}

/** Only a remark: it may come any time. But the boot does not wait for it any longer. */
function waitsLong(
  t: Transition,
  unit: Unit,
  awaits: NonNullable<Extract<Unit['state'], { tag: 'waiting' }>['awaits']>,
): void {
  t.update(unit.id, { state: { tag: 'waiting', awaits: { ...awaits, overdue: true } } });
  const what = awaits.missing.map(describeCondition).join(', ');
  t.tell(unit.id, 'warning', `still waits for ${what}`);
}
