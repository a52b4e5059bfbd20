/** Which unit a person means. Pure. */
import type { UnitStatus } from '../control/api.ts';
import { closest } from './closest.ts';

export type FoundUnit =
  | { readonly tag: 'found'; readonly unit: UnitStatus }
  | { readonly tag: 'none'; readonly message: string };

/** By id first, then by name; a name that several onboot tasks share is asked about. */
export function findUnit(units: readonly UnitStatus[], text: string): FoundUnit {
  const byId = units.find((unit) => unit.id === text);
  if (byId !== undefined) return { tag: 'found', unit: byId };
  const [unit, ...more] = units.filter((candidate) => candidate.name === text);
  if (unit === undefined) return { tag: 'none', message: nothingCalled(units, text) };
  if (more.length === 0) return { tag: 'found', unit };
  const ids = [unit, ...more].map((candidate) => candidate.id).join(', ');
  return { tag: 'none', message: `Several units are called "${text}": ${ids}` };
}

function nothingCalled(units: readonly UnitStatus[], text: string): string {
  const meant = closest(
    text,
    units.map((unit) => unit.name),
  );
  const advice = meant === undefined ? '"status" lists the units.' : `Did you mean "${meant}"?`;
  return `No unit is called "${text}". ${advice}`;
}
