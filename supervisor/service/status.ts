/**
 * A unit as the control API shows it. Pure. Every unit that is not up says why in one sentence.
 */
import { signalName } from '../../sys/exit.ts';
import type { ExitReport, UnitStateName, UnitStatus } from '../control/api.ts';
import { liveDependents, obstacle } from './dependencies.ts';
import { describeEnd, describeSpan } from './describe.ts';
import { isAtRest, type RunEnd, type Supervisor, type Unit, unitPid } from './state.ts';

export function unitStatus(supervisor: Supervisor, unit: Unit, nowMs: number): UnitStatus {
  const pid = unitPid(unit);
  return {
    id: unit.id,
    name: unit.name,
    kind: unit.kind,
    image: unit.image,
    state: stateName(unit),
    reason: reason(supervisor, unit, nowMs),
    sinceMs: unit.state.tag === 'waiting' ? (unit.lastEnd?.atMs ?? 0) : unit.state.sinceMs,
    restarts: Math.max(0, unit.run - 1),
    ...(pid === undefined ? {} : { pid }),
    ...(unit.lastEnd === undefined ? {} : { lastExit: exitReport(unit.lastEnd) }),
  };
}

function stateName({ state, lastEnd }: Unit): UnitStateName {
  switch (state.tag) {
    case 'cleaning':
    case 'backoff':
      return lastEnd?.end.kind === 'not-started' ? 'failed' : 'backoff';
    case 'starting':
      return isHeld(state) ? 'waiting' : 'starting';
    case 'waiting':
    case 'running':
    case 'stopping':
    case 'finished':
    case 'failed':
    case 'stopped':
      return state.tag;
  }
}

function reason(supervisor: Supervisor, unit: Unit, nowMs: number): string {
  const last = unit.lastEnd === undefined ? '' : describeEnd(unit.lastEnd.end);
  const { state } = unit;
  switch (state.tag) {
    case 'waiting':
      return waitingFor(supervisor, unit);
    case 'starting': {
      if (isHeld(state)) return `waits for ${state.heldFor}`;
      const doing = state.pid === undefined ? 'being created' : 'being started';
      // A service that fails over and over is in this state most of the time: still say why.
      return last === '' ? doing : `${last}; ${doing} again`;
    }
    case 'running':
      return runningReason(supervisor, unit, nowMs - state.sinceMs);
    case 'stopping':
      return state.killed ? 'killed, not gone yet' : 'asked to stop';
    case 'cleaning':
      return `${last}; leftovers are being removed`;
    case 'backoff':
      return `${last}; next start in ${describeSpan(Math.max(0, state.untilMs - nowMs))}`;
    case 'failed':
      return [last, state.why].filter(Boolean).join('; ');
    case 'finished':
    case 'stopped':
      return last === '' ? 'never started' : last;
  }
}

function runningReason({ phase, units }: Supervisor, unit: Unit, upMs: number): string {
  const [dependent] = phase === 'stopping' ? liveDependents(unit.id, units) : [];
  const up = `up for ${describeSpan(upMs)}`;
  return dependent === undefined ? up : `${up}; stops after ${dependent.id}`;
}

function isHeld(
  state: Extract<Unit['state'], { tag: 'starting' }>,
): state is typeof state & { readonly heldFor: string } {
  return state.heldFor !== undefined && state.pid === undefined;
}

function waitingFor({ phase, units }: Supervisor, unit: Unit): string {
  if (phase === 'boot') return 'waits for mounts and devices';
  const task = units.find((other) => other.kind === 'onboot' && !isAtRest(other));
  if (task !== undefined && task.id !== unit.id) return `waits for onboot task ${task.id}`;
  const inTheWay = obstacle(unit, units);
  if (inTheWay === undefined) return 'is next to start';
  const { unit: id, condition } = inTheWay.dependency;
  return `waits for ${id} to ${condition === 'started' ? 'run' : 'complete'}`;
}

function exitReport(last: { readonly atMs: number; readonly end: RunEnd }): ExitReport {
  const { atMs, end } = last;
  const text = describeEnd(end);
  switch (end.kind) {
    case 'exited':
      return { atMs, kind: 'exited', code: end.code, text };
    case 'signaled':
      return { atMs, kind: 'signaled', signal: signalName(end.signal), text };
    case 'oom-killed':
    case 'lost':
    case 'timed-out':
    case 'not-started':
      return { atMs, kind: end.kind, text };
  }
}
