/**
 * When a boot is over: each service runs, or has failed once. Pure.
 */
import type { Supervisor, Unit } from './state.ts';

export function isSettled(supervisor: Supervisor): boolean {
  return supervisor.phase === 'services' && services(supervisor).every(hasAnswered);
}

/** `2 of 3 services run; failed: web` */
export function settledSummary(supervisor: Supervisor): string {
  const all = services(supervisor);
  const running = all.filter((unit) => unit.state.tag === 'running');
  const failed = supervisor.units.filter(
    (unit) => unit.kind !== 'system' && hasFailed(unit) && unit.state.tag !== 'running',
  );
  const count = `${running.length} of ${all.length} services run`;
  const names = failed.map((unit) => unit.id).join(', ');
  return names === '' ? count : `${count}; failed: ${names}`;
}

function services(supervisor: Supervisor): readonly Unit[] {
  return supervisor.units.filter((unit) => unit.kind === 'service');
}

function hasAnswered(unit: Unit): boolean {
  return unit.state.tag === 'running' || unit.lastEnd !== undefined;
}

function hasFailed(unit: Unit): boolean {
  const end = unit.lastEnd?.end;
  return end !== undefined && !(end.kind === 'exited' && end.code === 0);
}
