/**
 * A unit as the control API shows it. Pure. Every unit that is not up says why in one sentence.
 */
import { signalName } from '../../sys/exit.ts';
import type { ExitReport, UnitStateName, UnitStatus } from '../control/api.ts';
import { describeEnd } from './reduce.ts';
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

function stateName(unit: Unit): UnitStateName {
  const end = unit.lastEnd?.end;
  switch (unit.state.tag) {
    case 'cleaning':
    case 'backoff':
      return end?.kind === 'not-started' ? 'failed' : 'backoff';
    case 'finished':
      return end?.kind === 'exited' && end.code === 0 ? 'finished' : 'failed';
    case 'starting':
      return isHeld(unit.state) ? 'waiting' : 'starting';
    case 'waiting':
    case 'running':
    case 'stopping':
    case 'stopped':
      return unit.state.tag;
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
      return `up for ${seconds(nowMs - state.sinceMs)}`;
    case 'stopping':
      return state.killed ? 'killed, not gone yet' : 'asked to stop';
    case 'cleaning':
      return `${last}; leftovers are being removed`;
    case 'backoff':
      return `${last}; next start in ${seconds(Math.max(0, state.untilMs - nowMs))}`;
    case 'finished':
    case 'stopped':
      return last === '' ? 'never started' : last;
  }
}

function isHeld(
  state: Extract<Unit['state'], { tag: 'starting' }>,
): state is typeof state & { readonly heldFor: string } {
  return state.heldFor !== undefined && state.pid === undefined;
}

function waitingFor(supervisor: Supervisor, unit: Unit): string {
  if (supervisor.phase === 'boot') return 'waits for mounts and devices';
  const task = supervisor.units.find((other) => other.kind === 'onboot' && !isAtRest(other));
  return task === undefined || task.id === unit.id
    ? 'is next to start'
    : `waits for onboot task ${task.id}`;
}

function exitReport(last: { readonly atMs: number; readonly end: RunEnd }): ExitReport {
  const { atMs, end } = last;
  const text = describeEnd(end);
  switch (end.kind) {
    case 'exited':
      return { atMs, kind: 'exited', code: end.code, text };
    case 'signaled':
      return { atMs, kind: 'signaled', signal: signalName(end.signal), text };
    case 'not-started':
      return { atMs, kind: 'not-started', text };
  }
}

/** `0.4 s`, `12 s`, `3 min`, `5 h`, `9 d` */
function seconds(ms: number): string {
  const s = ms / 1000;
  if (s < 10) return `${s.toFixed(1)} s`;
  if (s < 120) return `${Math.round(s)} s`;
  if (s < 7200) return `${Math.round(s / 60)} min`;
  return s < 172_800 ? `${Math.round(s / 3600)} h` : `${Math.round(s / 86_400)} d`;
}
