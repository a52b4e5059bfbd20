/**
 * The supervisor as a function: what is, and what has happened, to what is next and what to order.
 * No clock, no I/O, no randomness; state.ts has the table this implements. Never throws: a fact that
 * does not fit the state belongs to an older run and is dropped.
 *
 * One call works in two steps: first the event changes the state of its unit, then `settle` moves
 * every other unit whose turn that made it.
 */
import type { Event } from './event.ts';
import { overdue, requestEnd } from './machine-end.ts';
import { settle } from './settle.ts';
import { initialUnit, isAtRest, type Supervisor, type Unit } from './state.ts';
import { type Reduction, Transition } from './transition.ts';
import { stop } from './stop.ts';
import { applyFact } from './unit-facts.ts';

export function reduce(supervisor: Supervisor, event: Event): Reduction {
  const t = new Transition(supervisor, event.atMs);
  apply(t, event);
  settle(t);
  return t.result();
}

function apply(t: Transition, event: Event): void {
  switch (event.type) {
    case 'unit.added':
      if (t.unit(event.unit.id) === undefined) t.units = [...t.units, initialUnit(event.unit)];
      return;
    case 'boot.finished':
      if (t.phase === 'boot') t.phase = 'onboot';
      return;
    case 'machine.end-requested':
      requestEnd(t, event.end, event.by);
      return;
    case 'machine.overdue':
      overdue(t, event.what);
      return;
    case 'unit.start-requested':
    case 'unit.stop-requested':
    case 'unit.restart-requested': {
      const unit = t.unit(event.id);
      if (unit?.kind === 'service' && t.end === undefined)
        applyRequest(t, unit, event.type, event.by);
      return;
    }
    case 'unit.missing':
    case 'unit.held':
    case 'unit.step':
    case 'unit.created':
    case 'unit.started':
    case 'unit.ready':
    case 'unit.probed':
    case 'unit.start-failed':
    case 'unit.exited':
    case 'unit.removed':
    case 'timer.fired': {
      const unit = t.unit(event.id);
      if (unit?.run === event.run) applyFact(t, unit, event);
    }
  }
}

type Request = Extract<Event, { readonly by: string; readonly id: string }>['type'];

function applyRequest(t: Transition, unit: Unit, request: Request, by: string): void {
  const { state } = unit;
  switch (request) {
    case 'unit.stop-requested':
      t.update(unit.id, { desired: 'down' });
      t.tell(unit.id, 'info', `stop requested by ${by}`);
      return;
    case 'unit.restart-requested':
      t.tell(unit.id, 'info', `restart requested by ${by}`);
      if (state.tag === 'running') stop(t, unit, state, 'restart');
      break;
    case 'unit.start-requested':
      t.tell(unit.id, 'info', `start requested by ${by}`);
  }
  startAnew(t, unit);
}

/** Up again from wherever it is: what lies behind it counts neither for its delay nor for its limit. */
function startAnew(t: Transition, unit: Unit): void {
  const { state } = unit;
  const fresh = { desired: 'up', shortRuns: 0, launchesMs: [] } as const;
  if (isAtRest(unit) || state.tag === 'backoff') {
    t.update(unit.id, { ...fresh, state: { tag: 'waiting' } });
  } else if (state.tag === 'stopping') {
    t.update(unit.id, { ...fresh, state: { ...state, cause: 'restart' } });
  } else if (state.tag === 'cleaning') {
    t.update(unit.id, { ...fresh, state: { ...state, relaunch: true } });
  } else {
    t.update(unit.id, fresh);
  }
}
