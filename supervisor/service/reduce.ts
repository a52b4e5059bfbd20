/**
 * The supervisor as a function: what is, and what has happened, to what is next and what to order.
 * No clock, no I/O, no randomness; state.ts has the table this implements. Never throws: a fact that
 * does not fit the state belongs to an older run and is dropped.
 *
 * One call works in two steps: first the event changes the state of its unit, then `settle` moves
 * every other unit whose turn that made it.
 */
import { describeExit, signalNumber } from '../../sys/exit.ts';
import type { RebootCommand } from '../../sys/sys.ts';
import type { Change, Effect } from './effect.ts';
import type { Event } from './event.ts';
import { nextRestart } from './restart-policy.ts';
import {
  initialUnit,
  isAtRest,
  type RunEnd,
  type Supervisor,
  type Unit,
  type UnitId,
  type UnitState,
} from './state.ts';

const STOP_GRACE_MS = 10_000;
const SHUTDOWN_LIMIT_MS = 90_000;
const SIGTERM = signalNumber('SIGTERM') ?? 15;

export interface Reduction {
  readonly next: Supervisor;
  readonly effects: readonly Effect[];
  readonly changes: readonly Change[];
}

export function reduce(supervisor: Supervisor, event: Event): Reduction {
  const transition = new Transition(supervisor, event.atMs);
  apply(transition, event);
  settle(transition);
  return transition.result();
}

/** The next state while it is being made, with the orders and the news that go with it. */
class Transition {
  phase: Supervisor['phase'];
  end: RebootCommand | undefined;
  units: readonly Unit[];
  readonly atMs: number;
  readonly effects: Effect[] = [];
  readonly changes: Change[] = [];

  constructor(supervisor: Supervisor, atMs: number) {
    this.phase = supervisor.phase;
    this.end = supervisor.end;
    this.units = supervisor.units;
    this.atMs = atMs;
  }

  update(id: UnitId, change: Partial<Unit>): void {
    this.units = this.units.map((unit) => (unit.id === id ? { ...unit, ...change } : unit));
  }

  tell(unit: string, severity: Change['severity'], text: string): void {
    this.changes.push({ atMs: this.atMs, unit, severity, text });
  }

  result(): Reduction {
    const next: Supervisor = {
      phase: this.phase,
      units: this.units,
      ...(this.end === undefined ? {} : { end: this.end }),
    };
    return { next, effects: this.effects, changes: this.changes };
  }
}

function apply(t: Transition, event: Event): void {
  switch (event.type) {
    case 'unit.added':
      if (!t.units.some((unit) => unit.id === event.unit.id)) {
        t.units = [...t.units, initialUnit(event.unit)];
      }
      return;
    case 'boot.finished':
      if (t.phase === 'boot') t.phase = 'onboot';
      return;
    case 'machine.end-requested':
      requestEnd(t, event.end, event.by);
      return;
    case 'machine.end-overdue':
      if (t.phase === 'stopping') {
        t.tell('machine', 'error', `not everything stopped within ${SHUTDOWN_LIMIT_MS / 1000} s`);
        orderEnd(t);
      }
      return;
    case 'unit.held':
    case 'unit.created':
    case 'unit.started':
    case 'unit.start-failed':
    case 'unit.exited':
    case 'unit.removed':
    case 'timer.fired': {
      const unit = t.units.find((candidate) => candidate.id === event.id);
      if (unit !== undefined && unit.run === event.run) applyToUnit(t, unit, event);
    }
  }
}

type UnitEvent = Extract<Event, { readonly run: number }>;

function applyToUnit(t: Transition, unit: Unit, event: UnitEvent): void {
  switch (event.type) {
    case 'unit.held':
      if (unit.state.tag === 'starting') {
        t.update(unit.id, { state: { ...unit.state, heldFor: event.heldFor } });
      }
      return;
    case 'unit.created':
      if (unit.state.tag === 'starting') {
        t.update(unit.id, { state: { ...unit.state, pid: event.pid } });
      }
      return;
    case 'unit.started':
      started(t, unit);
      return;
    case 'unit.start-failed':
      if (unit.state.tag === 'starting') {
        const { stage, message } = event;
        ended(t, unit, { kind: 'not-started', stage, message }, 0);
      }
      return;
    case 'unit.exited':
      exited(t, unit, event);
      return;
    case 'unit.removed':
      if (unit.state.tag === 'cleaning') removed(t, unit, unit.state.ranMs);
      return;
    case 'timer.fired':
      timerFired(t, unit);
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
  t.update(unit.id, { state: { tag: 'running', run, pid, sinceMs: t.atMs } });
  t.tell(unit.id, 'info', `running (pid ${pid})`);
}

function exited(t: Transition, unit: Unit, event: UnitEvent & { type: 'unit.exited' }): void {
  const { state } = unit;
  if (state.tag === 'starting') {
    // A short program can end before the runtime's start has returned; the runtime is heard first.
    t.update(unit.id, { state: { ...state, ended: event.exit } });
  } else if (state.tag === 'running' || state.tag === 'stopping') {
    ended(t, unit, event.exit, t.atMs - state.sinceMs);
  }
}

function ended(t: Transition, unit: Unit, end: RunEnd, ranMs: number): void {
  const { run } = unit;
  t.update(unit.id, {
    state: { tag: 'cleaning', run, sinceMs: t.atMs, ranMs },
    lastEnd: { atMs: t.atMs, end },
  });
  t.effects.push({ type: 'unit.remove', id: unit.id, run });
  t.tell(unit.id, severityOfEnd(unit, end), describeEnd(end));
}

function severityOfEnd(unit: Unit, end: RunEnd): Change['severity'] {
  if (end.kind === 'not-started') return 'error';
  if (unit.state.tag === 'stopping') return 'info';
  if (unit.kind === 'onboot') return end.kind === 'exited' && end.code === 0 ? 'info' : 'error';
  return 'warning';
}

/** The words for the end of a run: `exit code 3`, `create: exec: "nope": not found`. */
export function describeEnd(end: RunEnd): string {
  return end.kind === 'not-started' ? `${end.stage}: ${end.message}` : describeExit(end);
}

function removed(t: Transition, unit: Unit, ranMs: number): void {
  if (unit.desired === 'down') {
    t.update(unit.id, { state: { tag: 'stopped', sinceMs: t.atMs } });
    return;
  }
  if (unit.kind === 'onboot') {
    t.update(unit.id, { state: { tag: 'finished', sinceMs: t.atMs } });
    return;
  }
  const { delayMs, shortRuns } = nextRestart(unit.shortRuns, ranMs);
  const { run } = unit;
  t.update(unit.id, {
    shortRuns,
    state: { tag: 'backoff', run, sinceMs: t.atMs, untilMs: t.atMs + delayMs },
  });
  t.effects.push({ type: 'timer.start', id: unit.id, run, ms: delayMs });
}

function timerFired(t: Transition, unit: Unit): void {
  const { state } = unit;
  if (state.tag === 'backoff') {
    t.update(unit.id, { state: { tag: 'waiting' } });
  } else if (state.tag === 'stopping' && !state.killed) {
    t.update(unit.id, { state: { ...state, killed: true } });
    t.effects.push({ type: 'unit.kill', id: unit.id, run: state.run });
    t.tell(unit.id, 'warning', `did not stop within ${STOP_GRACE_MS / 1000} s, killed`);
  }
}

function requestEnd(t: Transition, end: RebootCommand, by: string): void {
  if (t.phase === 'stopping' || t.phase === 'halting') return;
  t.phase = 'stopping';
  t.end = end;
  t.tell('machine', 'info', `${end} requested by ${by}`);
  t.effects.push({ type: 'machine.end-timer', ms: SHUTDOWN_LIMIT_MS });
  // Consoles stay: they show how the machine goes down.
  for (const unit of t.units) {
    if (unit.kind !== 'system') t.update(unit.id, { desired: 'down' });
  }
}

function orderEnd(t: Transition): void {
  t.phase = 'halting';
  t.effects.push({ type: 'machine.end', end: t.end ?? 'reboot' });
}

/** Closes the gap between what is wanted and what is: a finished task makes the next one's turn. */
function settle(t: Transition): void {
  if (t.phase === 'onboot' && t.units.every((unit) => unit.kind !== 'onboot' || isAtRest(unit))) {
    t.phase = 'services';
  }
  for (const unit of t.units) {
    if (unit.desired === 'down') lower(t, unit);
    else if (unit.state.tag === 'waiting' && hasTurn(t, unit)) launch(t, unit);
  }
  const allDown = (): boolean => t.units.every((unit) => unit.kind === 'system' || isAtRest(unit));
  if (t.phase === 'stopping' && allDown()) {
    t.tell('machine', 'info', 'everything has stopped');
    orderEnd(t);
  }
}

function lower(t: Transition, unit: Unit): void {
  const { state } = unit;
  if (state.tag === 'waiting' || state.tag === 'backoff') {
    t.update(unit.id, { state: { tag: 'stopped', sinceMs: t.atMs } });
  } else if (state.tag === 'running') {
    const { run, pid } = state;
    t.update(unit.id, {
      state: { tag: 'stopping', run, pid, sinceMs: t.atMs, killed: false },
    });
    t.effects.push({ type: 'unit.signal', id: unit.id, run, signal: SIGTERM });
    t.effects.push({ type: 'timer.start', id: unit.id, run, ms: STOP_GRACE_MS });
    t.tell(unit.id, 'info', 'stopping');
  }
}

function launch(t: Transition, unit: Unit): void {
  const run = unit.run + 1;
  const state: UnitState = { tag: 'starting', run, sinceMs: t.atMs };
  t.update(unit.id, { run, state });
  t.effects.push({ type: 'unit.launch', id: unit.id, run });
  if (unit.kind === 'onboot') t.tell(unit.id, 'info', 'starting');
}

function hasTurn(t: Transition, unit: Unit): boolean {
  switch (unit.kind) {
    case 'system':
      return true;
    case 'onboot':
      return t.phase === 'onboot' && firstUnfinishedTask(t)?.id === unit.id;
    case 'service':
      return t.phase === 'services';
  }
}

function firstUnfinishedTask(t: Transition): Unit | undefined {
  return t.units.find((unit) => unit.kind === 'onboot' && !isAtRest(unit));
}
