/**
 * `dependsOn` as the file has it, and what the names in it stand for. Pure; whether the names and the
 * order they ask for make sense is check-dependencies.ts.
 */
import { onbootId } from '../../supervisor/manifest.ts';
import type { Condition, Dependency } from '../../supervisor/service/policy.ts';

export type DependencyTerms = Pick<Dependency, 'condition' | 'required'>;

/** An entry of the list that is a map. Exactly one of the keys that `DependencyTerms` lacks is there. */
export interface ListedDependency extends Partial<DependencyTerms> {
  readonly service?: string;
  readonly path?: string;
  /** The name of an interface, or `any`. */
  readonly network?: string;
  readonly time?: 'set' | 'synchronized';
}

/** Names and conditions, or each name with what is asked of it. */
export type DependsOn =
  readonly (string | ListedDependency)[] | Readonly<Record<string, DependencyTerms>>;

type Steps = readonly (string | number)[];

export interface NamedDependency extends DependencyTerms {
  readonly name: string;
  /** Where it stands below `dependsOn`, and whether the name is a key or a value there. */
  readonly place: { readonly path: Steps; readonly at: 'key' | 'value' };
  /** The map that its condition stands in. */
  readonly terms: Steps;
}

/**
 * The units of both notations as one list. The value may have any shape, since checks run on files with
 * other mistakes in them: what is no dependency is left out.
 */
export function dependencies(dependsOn: unknown): readonly NamedDependency[] {
  if (Array.isArray(dependsOn)) {
    return dependsOn.flatMap((entry: unknown, index): readonly NamedDependency[] => {
      const terms = [index];
      if (typeof entry === 'string') {
        return [{ name: entry, place: { path: terms, at: 'value' }, terms, ...termsOf(undefined) }];
      }
      const name = field(entry, 'service');
      if (typeof name !== 'string') return [];
      const place = { path: [index, 'service'], at: 'value' } as const;
      return [{ name, place, terms, ...termsOf(entry) }];
    });
  }
  if (typeof dependsOn !== 'object' || dependsOn === null) return [];
  return Object.entries(dependsOn).map(([name, terms]: [string, unknown]) => ({
    name,
    place: { path: [name], at: 'key' },
    terms: [name],
    ...termsOf(terms),
  }));
}

/** What is waited for beside units, each once. */
export function conditions(dependsOn: DependsOn): readonly Condition[] {
  if (!isList(dependsOn)) return [];
  const found = dependsOn.flatMap((entry): readonly Condition[] => {
    if (typeof entry === 'string') return [];
    const { path, network, time } = entry;
    if (path !== undefined) return [{ kind: 'path', path }];
    if (time !== undefined) return [{ kind: 'time', is: time }];
    if (network === undefined) return [];
    return [network === 'any' ? { kind: 'network' } : { kind: 'network', interface: network }];
  });
  return [...new Map(found.map((condition) => [JSON.stringify(condition), condition])).values()];
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

function termsOf(terms: unknown): DependencyTerms {
  const condition = field(terms, 'condition');
  return {
    condition: condition === 'completed' || condition === 'healthy' ? condition : 'started',
    required: field(terms, 'required') !== false,
  };
}

/** `Array.isArray` does not narrow a readonly array away. */
function isList(value: DependsOn): value is readonly (string | ListedDependency)[] {
  return Array.isArray(value);
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
