/**
 * A unit as the control API shows it. Pure. Every unit that is not up says why in one sentence.
 */
import { signalName } from '../../sys/exit.ts';
import type { ExitReport, HealthReport, UnitStateName, UnitStatus } from '../control/api.ts';
import { liveDependents, obstacle } from './dependencies.ts';
import { describeCondition, describeEnd, describeProbe, describeSpan } from './describe.ts';
import type { Health } from './health.ts';
import type { Dependency } from './policy.ts';
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
    ...(unit.kind === 'service' ? { health: healthStatus(unit) } : {}),
    ...(unit.lastEnd === undefined ? {} : { lastExit: exitReport(unit.lastEnd) }),
  };
}

/** What its checks have answered; `undefined` while it has no check, or does not run. */
export function healthReport({ state }: Unit): HealthReport | undefined {
  if (state.tag !== 'running' || state.health === undefined) return undefined;
  const { status, failuresInRow, results } = state.health;
  return { status, failuresInRow, results };
}

function healthStatus({ state }: Unit): NonNullable<UnitStatus['health']> {
  return state.tag === 'running' && state.health !== undefined ? state.health.status : 'none';
}

function stateName({ state, lastEnd }: Unit): UnitStateName {
  switch (state.tag) {
    case 'cleaning':
    case 'backoff':
      return lastEnd?.end.kind === 'not-started' ? 'failed' : 'backoff';
    case 'starting':
      return isHeld(state) ? 'waiting' : 'starting';
    case 'running':
      return state.ready ? 'running' : 'starting';
    case 'waiting':
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
      if (state.abandoned) return 'asked to stop while being started';
      const doing = state.step ?? (state.pid === undefined ? 'being created' : 'being started');
      // A service that fails over and over is in this state most of the time: still say why.
      return last === '' ? doing : `${last}; ${doing} again`;
    }
    case 'running':
      return runningReason(supervisor, unit, state, nowMs);
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

function runningReason(
  { phase, units }: Supervisor,
  unit: Unit,
  { sinceMs, ready, health }: Extract<Unit['state'], { tag: 'running' }>,
  nowMs: number,
): string {
  const [dependent] = phase === 'stopping' ? liveDependents(unit.id, units) : [];
  return [
    `up for ${describeSpan(nowMs - sinceMs)}`,
    ...(ready ? [] : [`not ready: ${readinessText(unit)}`]),
    ...(health === undefined ? [] : healthText(health)),
    ...(dependent === undefined ? [] : [`stops after ${dependent.id}`]),
  ].join('; ');
}

function readinessText(unit: Unit): string {
  const readiness = unit.kind === 'service' ? unit.policy.readiness : undefined;
  switch (readiness?.kind) {
    case 'health':
      return 'waits for its health check to pass';
    case 'notify':
      return 'waits for it to send READY=1';
    case 'fd':
      return `waits for a line on its descriptor ${readiness.fd}`;
    case undefined:
      return 'waits for its word';
  }
}

function healthText({ status, failuresInRow, results }: Health): string[] {
  const last = results.at(-1);
  if (status === 'healthy' && failuresInRow === 0) return ['healthy'];
  if (last === undefined || last.passed) return [];
  const checks = failuresInRow === 1 ? 'its last check' : `its last ${failuresInRow} checks`;
  const failed = failuresInRow === 0 ? 'its first checks fail' : `${checks} failed`;
  return [`${status === 'unhealthy' ? 'unhealthy: ' : ''}${failed}: ${describeProbe(last)}`];
}

function isHeld(
  state: Extract<Unit['state'], { tag: 'starting' }>,
): state is typeof state & { readonly heldFor: string } {
  return state.heldFor !== undefined && state.pid === undefined;
}

function waitingFor({ phase, units }: Supervisor, unit: Unit): string {
  if (unit.kind === 'onshutdown' && phase !== 'onshutdown') return 'runs when the machine ends';
  if (phase === 'onshutdown' && unit.kind === 'service') return 'the machine ends';
  if (phase === 'boot') return 'waits for mounts and devices';
  const kind = unit.kind === 'onshutdown' ? 'onshutdown' : 'onboot';
  const task = units.find((other) => other.kind === kind && !isAtRest(other));
  if (task !== undefined && task.id !== unit.id) return `waits for ${kind} task ${task.id}`;
  const inTheWay = obstacle(unit, units);
  if (inTheWay !== undefined) return `waits for ${dependencyText(inTheWay.dependency, units)}`;
  const awaits = unit.state.tag === 'waiting' ? unit.state.awaits : undefined;
  if (awaits === undefined || awaits.missing.length === 0) return 'is next to start';
  return `waits for ${awaits.missing.map(describeCondition).join(', ')}`;
}

function dependencyText({ unit: id, condition }: Dependency, units: readonly Unit[]): string {
  switch (condition) {
    case 'started': {
      const isRunning = units.find((unit) => unit.id === id)?.state.tag === 'running';
      return `${id} to ${isRunning ? 'be ready' : 'run'}`;
    }
    case 'healthy':
      return `${id} to be healthy`;
    case 'completed':
      return `${id} to complete`;
  }
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
    case 'unhealthy':
    case 'not-started':
      return { atMs, kind: end.kind, text };
  }
}
