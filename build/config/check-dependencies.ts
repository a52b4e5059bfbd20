/**
 * Whether what services wait for can come: every name is known, no service waits for itself over others,
 * and what is to complete does complete.
 */
import type { Candidate } from './candidates.ts';
import { findCycles } from './dependency-cycles.ts';
import { dependencies, type NamedDependency, unitIds } from './depends-on.ts';
import type { Problem } from './problem.ts';
import { suggest } from './suggest.ts';

/** A dependency of one service on another unit. */
interface Wait {
  readonly from: string;
  readonly to: string;
  readonly path: readonly (string | number)[];
  readonly dependency: NamedDependency;
}

export function checkDependencies(
  onboot: readonly Candidate[],
  services: readonly Candidate[],
): readonly Problem[] {
  const ids = unitIds(
    onboot.flatMap(({ path, name }) => (name === undefined ? [] : [[path[1], name] as const])),
    services.flatMap(({ name }) => name ?? []),
  );
  const problems: Problem[] = [];
  const waits: Wait[] = [];
  for (const service of services) {
    for (const dependency of dependencies(service.fields['dependsOn'])) {
      const path = [...service.path, 'dependsOn', dependency.key];
      const to = ids.get(dependency.name);
      if (to === undefined) problems.push(unknownName(dependency.name, path, ids));
      // Without a name nobody can wait for it, so it closes no cycle.
      else waits.push({ from: service.name ?? '', to, path, dependency });
    }
  }
  return [...problems, ...cycles(waits), ...neverCompleting(waits, services)];
}

function unknownName(name: string, path: Wait['path'], ids: ReadonlyMap<string, string>): Problem {
  const message = `there is no service and no onboot task called "${name}"`;
  const suggestion = suggest(name, [...ids.keys()]);
  return { code: 'unknown-dependency', message, suggestion, path, at: 'key' };
}

function cycles(waits: readonly Wait[]): readonly Problem[] {
  return findCycles(waits).flatMap((cycle): readonly Problem[] => {
    const last = cycle.at(-1);
    if (last === undefined) return [];
    const names = [last.to, ...cycle.map(({ to }) => to)].join(' → ');
    const message =
      cycle.length === 1
        ? `a service cannot wait for itself: ${names}`
        : `these services wait for each other: ${names}`;
    return [{ code: 'dependency-cycle', message, path: last.path, at: 'key' }];
  });
}

/** An onboot task always ends, so only services are looked at. */
function neverCompleting(
  waits: readonly Wait[],
  services: readonly Candidate[],
): readonly Problem[] {
  const rules = new Map(services.map(({ name, fields }) => [name, restartKind(fields)]));
  return waits.flatMap(({ to, path, dependency }): readonly Problem[] => {
    const rule = rules.get(to);
    if (dependency.condition !== 'completed') return [];
    if (rule !== 'always' && rule !== 'unless-stopped') return [];
    const message =
      `"${to}" never completes, since it is started again whenever it ends ` +
      `(restart: ${rule}); give it "restart: on-failure" or "restart: no"`;
    return [{ code: 'conflict', message, path: [...path, 'condition'] }];
  });
}

function restartKind({ restart }: Candidate['fields']): unknown {
  return typeof restart === 'object' && restart !== null && 'kind' in restart
    ? restart.kind
    : undefined;
}
