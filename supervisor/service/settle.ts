/**
 * Closes the gap between what is wanted and what is, for every unit whose turn has come: the right half
 * of the table in state.ts. Pure.
 */
import { liveDependents, obstacle } from './dependencies.ts';
import { describeSpan } from './describe.ts';
import { beginStopping, orderEnd, requestEnd } from './machine-end.ts';
import { isAtRest, isTask, type Unit } from './state.ts';
import { abandon, stop } from './stop.ts';
import type { Transition } from './transition.ts';
import { fail } from './unit-facts.ts';

/** So long a service may wait for the machine before that is said aloud. */
const LONG_WAIT_MS = 30_000;

/** A failed dependency fails those that need it, and so on: as often as something moves. */
export function settle(t: Transition): void {
  for (let moved = true; moved;) {
    const before = t.units;
    const { phase } = t;
    advancePhase(t);
    for (const { id } of t.units) {
      const unit = t.unit(id);
      if (unit !== undefined) settleUnit(t, unit);
    }
    moved = t.units !== before || t.phase !== phase;
  }
  const down = t.units.every((unit) => unit.kind === 'system' || isAtRest(unit));
  if (t.phase === 'stopping' && down) {
    t.tell('machine', 'info', 'everything has stopped');
    orderEnd(t);
  }
}

function advancePhase(t: Transition): void {
  if (t.phase === 'onboot' && firstOpenTask(t, 'onboot') === undefined) t.phase = 'services';
  if (t.phase === 'onshutdown' && firstOpenTask(t, 'onshutdown') === undefined) beginStopping(t);
}

function settleUnit(t: Transition, unit: Unit): void {
  if (unit.desired === 'down') {
    lower(t, unit);
  } else if (unit.state.tag === 'waiting' && mayBegin(t, unit)) {
    const inTheWay = obstacle(unit, t.units);
    if (inTheWay === undefined) launchOrAwait(t, unit, unit.state);
    else if (inTheWay.standing === 'lost') {
      endAwaiting(t, unit, unit.state);
      fail(t, unit, `dependency ${inTheWay.dependency.unit} has failed`);
    }
  }
}

/** Whether the machine has come far enough for units of this kind. */
function mayBegin(t: Transition, unit: Unit): boolean {
  switch (unit.kind) {
    case 'system':
      return true;
    case 'onboot':
    case 'onshutdown':
      return t.phase === unit.kind && firstOpenTask(t, unit.kind)?.id === unit.id;
    case 'service':
      return t.phase === 'services';
  }
}

function firstOpenTask(t: Transition, kind: 'onboot' | 'onshutdown'): Unit | undefined {
  return t.units.find((unit) => unit.kind === kind && !isAtRest(unit));
}

function lower(t: Transition, unit: Unit): void {
  const { state } = unit;
  if (state.tag === 'waiting' || state.tag === 'backoff') {
    if (state.tag === 'waiting') endAwaiting(t, unit, state);
    t.update(unit.id, { state: { tag: 'stopped', sinceMs: t.atMs } });
  } else if (state.tag === 'starting' && !state.abandoned) {
    abandon(t, unit, state);
  } else if (state.tag === 'running' && !mustOutlive(t, unit)) {
    stop(t, unit, state, 'requested');
  }
}

/** At the end of the machine a service stops after those that depend on it; a person may stop it first. */
function mustOutlive(t: Transition, unit: Unit): boolean {
  return t.phase === 'stopping' && liveDependents(unit.id, t.units).length > 0;
}

type Waiting = Extract<Unit['state'], { tag: 'waiting' }>;

/** What the machine must have is looked for anew before each launch. */
function launchOrAwait(t: Transition, unit: Unit, { awaits }: Waiting): void {
  const conditions = unit.kind === 'service' ? unit.policy.waitsFor : [];
  if (conditions.length === 0 || awaits?.missing.length === 0) {
    launch(t, unit);
  } else if (awaits === undefined) {
    const { id, run } = unit;
    t.update(id, { state: { tag: 'waiting', awaits: { missing: conditions, overdue: false } } });
    t.order({ type: 'unit.await', id, run, conditions });
    t.order({ type: 'timer.start', id, run, timer: 'wait', ms: LONG_WAIT_MS });
  }
}

function endAwaiting(t: Transition, { id, run }: Unit, { awaits }: Waiting): void {
  if (awaits === undefined || awaits.missing.length === 0) return;
  t.order({ type: 'unit.await', id, run, conditions: [] });
}

function launch(t: Transition, unit: Unit): void {
  const limit = unit.kind === 'service' ? unit.policy.startLimit : undefined;
  const recent =
    limit === undefined
      ? []
      : unit.launchesMs.filter((launchedMs) => t.atMs - launchedMs < limit.intervalMs);
  if (limit !== undefined && recent.length >= limit.burst) {
    fail(t, unit, `started ${limit.burst} times within ${describeSpan(limit.intervalMs)}`);
    if (limit.action !== 'none') requestEnd(t, limit.action, `the start limit of ${unit.id}`);
    return;
  }
  const { id } = unit;
  const run = unit.run + 1;
  const launchesMs = limit === undefined ? [] : [...recent, t.atMs];
  const state = {
    tag: 'starting',
    run,
    sinceMs: t.atMs,
    abandoned: false,
    ready: false,
  } as const;
  t.update(id, { run, launchesMs, state });
  t.order({ type: 'unit.launch', id, run });
  if (unit.kind === 'service') {
    t.order({ type: 'timer.start', id, run, timer: 'start', ms: unit.policy.startTimeoutMs });
  }
  if (isTask(unit)) t.tell(id, 'info', 'starting');
}
