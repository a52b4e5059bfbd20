/**
 * `dependsOn` as the file has it, and what the names in it stand for. Pure; whether the names and the
 * order they ask for make sense is check-dependencies.ts.
 */
import { onbootId } from '../../supervisor/manifest.ts';
import type { Dependency } from '../../supervisor/service/policy.ts';

export type DependencyTerms = Pick<Dependency, 'condition' | 'required'>;

/** Names alone, or each with what is asked of it. */
export type DependsOn = readonly string[] | Readonly<Record<string, DependencyTerms>>;

export interface NamedDependency extends DependencyTerms {
  readonly name: string;
  /** Where it stands below `dependsOn`. */
  readonly key: string | number;
}

/**
 * Both notations as one list. The value may have any shape, since checks run on files with other mistakes
 * in them: what is no dependency is left out.
 */
export function dependencies(dependsOn: unknown): readonly NamedDependency[] {
  if (Array.isArray(dependsOn)) {
    return dependsOn.flatMap((name: unknown, key) =>
      typeof name === 'string' ? { name, key, condition: 'started', required: true } : [],
    );
  }
  if (typeof dependsOn !== 'object' || dependsOn === null) return [];
  return Object.entries(dependsOn).map(([name, terms]: [string, unknown]) => ({
    name,
    key: name,
    condition: field(terms, 'condition') === 'completed' ? 'completed' : 'started',
    required: field(terms, 'required') !== false,
  }));
}

/**
 * The unit that each name means. A service comes before an onboot task of the same name, and of several
 * tasks with one name the last is meant; the id of a task (`000-format`) names exactly that one.
 */
export function unitIds(
  onboot: Iterable<readonly [index: number, name: string]>,
  services: Iterable<string>,
): ReadonlyMap<string, string> {
  const ids = new Map<string, string>();
  for (const [index, name] of onboot) {
    const id = onbootId(index, name);
    ids.set(id, id).set(name, id);
  }
  for (const name of services) ids.set(name, name);
  return ids;
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
