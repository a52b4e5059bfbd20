/**
 * Who waits for whom. Pure. The builder has made sure that every name exists and that no cycle does.
 */
import type { Dependency } from './policy.ts';
import { isAtRest, isUp, type Unit } from './state.ts';

/** Where a waiting unit stands with one dependency. */
export type Standing = 'met' | 'open' | 'lost';

/** The first dependency of `unit` that is in the way, if any; a lost one before an open one. */
export function obstacle(
  unit: Unit,
  units: readonly Unit[],
): { readonly dependency: Dependency; readonly standing: 'open' | 'lost' } | undefined {
  if (unit.kind !== 'service') return undefined;
  const standings = unit.policy.dependsOn.map((dependency) => ({
    dependency,
    standing: standingOf(dependency, units),
  }));
  for (const wanted of ['lost', 'open'] as const) {
    const found = standings.find(({ standing }) => standing === wanted);
    if (found !== undefined) return { dependency: found.dependency, standing: wanted };
  }
  return undefined;
}

/** Services that are not down yet and depend on `id`: they stop first. */
export function liveDependents(id: string, units: readonly Unit[]): readonly Unit[] {
  return units.filter(
    (unit) =>
      unit.kind === 'service' &&
      !isAtRest(unit) &&
      unit.policy.dependsOn.some((dependency) => dependency.unit === id),
  );
}

function standingOf(
  { unit: id, condition, required }: Dependency,
  units: readonly Unit[],
): Standing {
  const unit = units.find((candidate) => candidate.id === id);
  // A task of an earlier generation of PID 1 has done its work and is no unit any more.
  if (unit === undefined || unit.state.tag === 'finished') return 'met';
  if (unit.state.tag === 'failed') return required ? 'lost' : 'met';
  return meets(unit, condition) ? 'met' : 'open';
}

function meets(unit: Unit, condition: Dependency['condition']): boolean {
  switch (condition) {
    case 'started':
      return isUp(unit);
    case 'healthy':
      return isUp(unit) && unit.state.tag === 'running' && unit.state.health?.status === 'healthy';
    case 'completed':
      return false;
  }
}
