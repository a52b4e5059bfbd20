/**
 * What is learned of a unit while it runs: that it is ready, and what its health check answers. Pure.
 */
import { describeProbe } from './describe.ts';
import {
  afterProbe,
  type Health,
  nextProbeMs,
  type ProbeResult,
  UNKNOWN_HEALTH,
} from './health.ts';
import type { HealthCheck } from './policy.ts';
import type { Unit } from './state.ts';
import { stop } from './stop.ts';
import type { Transition } from './transition.ts';

type Running = Extract<Unit['state'], { tag: 'running' }>;
type Starting = Extract<Unit['state'], { tag: 'starting' }>;

/** What a unit that runs from now on knows of itself. */
export function firstKnowledge(unit: Unit, state: Starting): Pick<Running, 'ready' | 'health'> {
  if (unit.kind !== 'service') return { ready: true };
  const { readiness, health } = unit.policy;
  const ready = readiness === undefined || (readiness.kind !== 'health' && state.ready);
  return { ready, ...(health === undefined ? {} : { health: UNKNOWN_HEALTH }) };
}

/** Begins, or after a re-exec of PID 1 goes on, to ask. */
export function orderProbe(t: Transition, unit: Unit, state: Running): void {
  const check = healthCheck(unit);
  if (check === undefined || state.health === undefined) return;
  const { id, run } = unit;
  const ms = nextProbeMs(check, state.health, t.atMs - state.sinceMs);
  t.order({ type: 'timer.start', id, run, timer: 'probe', ms });
}

export function saidReady(t: Transition, unit: Unit): void {
  const { state } = unit;
  if (unit.kind !== 'service' || unit.policy.readiness?.kind === 'health') return;
  if (state.tag === 'starting') t.update(unit.id, { state: { ...state, ready: true } });
  else if (state.tag === 'running' && !state.ready) becomeReady(t, unit, state);
}

export function probed(t: Transition, unit: Unit, result: ProbeResult): void {
  const { state } = unit;
  const check = healthCheck(unit);
  if (state.tag !== 'running' || state.health === undefined || check === undefined) return;
  const before = state.health;
  const health = afterProbe(check, before, result, t.atMs - state.sinceMs);
  const now = { ...state, health };
  t.update(unit.id, { state: now });
  if (health.status !== before.status) tellHealth(t, unit, health, result);
  const waitsForHealth = unit.kind === 'service' && unit.policy.readiness?.kind === 'health';
  if (waitsForHealth && !state.ready && health.status === 'healthy') becomeReady(t, unit, now);
  if (isNewlyUnhealthy(before, health) && check.onUnhealthy === 'restart') {
    stop(t, unit, now, 'unhealthy');
  } else {
    orderProbe(t, unit, now);
  }
}

function becomeReady(t: Transition, unit: Unit, state: Running): void {
  t.update(unit.id, { state: { ...state, ready: true } });
  t.tell(unit.id, 'info', 'ready');
}

function tellHealth(t: Transition, unit: Unit, health: Health, result: ProbeResult): void {
  if (health.status === 'unhealthy') {
    const times = health.failuresInRow === 1 ? '' : ` ${health.failuresInRow} times in a row`;
    t.tell(unit.id, 'warning', `unhealthy: its check has failed${times}: ${describeProbe(result)}`);
  } else {
    t.tell(unit.id, 'info', health.status);
  }
}

function isNewlyUnhealthy(before: Health, after: Health): boolean {
  return after.status === 'unhealthy' && before.status !== 'unhealthy';
}

function healthCheck(unit: Unit): HealthCheck | undefined {
  return unit.kind === 'service' ? unit.policy.health : undefined;
}
