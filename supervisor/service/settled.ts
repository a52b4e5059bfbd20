/**
 * When a boot is over: each service runs, or has failed once. Pure.
 */
import { obstacle } from './dependencies.ts';
import { isAtRest, isUp, type Supervisor, type Unit } from './state.ts';

export function isSettled(supervisor: Supervisor): boolean {
  return (
    supervisor.phase === 'services' &&
    services(supervisor).every((unit) => hasAnswered(unit) || waitsInVain(unit, supervisor.units))
  );
}

/** Of a machine that has settled: each service runs, or has ended as it was to. */
export function isWell(supervisor: Supervisor): boolean {
  return services(supervisor).every(
    (unit) => isUp(unit) || (isAtRest(unit) && unit.state.tag !== 'failed'),
  );
}

/** `2 of 3 services run; failed: web` */
export function settledSummary(supervisor: Supervisor): string {
  const all = services(supervisor);
  const running = all.filter(isUp);
  const failed = supervisor.units.filter((unit) => unit.kind !== 'system' && hasFailed(unit));
  const count = `${running.length} of ${all.length} services run`;
  const names = failed.map((unit) => unit.id).join(', ');
  return names === '' ? count : `${count}; failed: ${names}`;
}

function services(supervisor: Supervisor): readonly Unit[] {
  return supervisor.units.filter((unit) => unit.kind === 'service');
}

function hasAnswered(unit: Unit): boolean {
  return isUp(unit) || isAtRest(unit) || unit.lastEnd !== undefined;
}

/** It waits for something that has had its first chance: more time will not make it a start. */
function waitsInVain(unit: Unit, units: readonly Unit[]): boolean {
  if (unit.state.tag !== 'waiting') return false;
  if (unit.state.awaits?.overdue === true) return true;
  const inTheWay = obstacle(unit, units)?.dependency.unit;
  const other = units.find((candidate) => candidate.id === inTheWay);
  return other !== undefined && (hasAnswered(other) || waitsInVain(other, units));
}

function hasFailed({ state, lastEnd }: Unit): boolean {
  // What ends over and over is between two runs most of the time.
  const between = state.tag === 'backoff' || state.tag === 'cleaning' || state.tag === 'starting';
  return state.tag === 'failed' || (between && lastEnd !== undefined);
}
