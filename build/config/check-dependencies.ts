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
  readonly condition: NamedDependency['condition'];
  /** Where the name stands. */
  readonly place: Place;
  /** Where the condition stands. */
  readonly conditionPath: Place['path'];
}

type Place = Required<Pick<Problem, 'path' | 'at'>>;

export function checkDependencies(
  onboot: readonly Candidate[],
  services: readonly Candidate[],
  onshutdown: readonly Candidate[],
): readonly Problem[] {
  const ids = unitIds(
    onboot.flatMap(({ path, name }) => (name === undefined ? [] : [[path[1], name] as const])),
    services.flatMap(({ name }) => name ?? []),
  );
  const lastTasks = new Set(onshutdown.flatMap(({ name }) => name ?? []));
  const problems: Problem[] = [];
  const waits: Wait[] = [];
  for (const service of services) {
    const path = [...service.path, 'dependsOn'];
    for (const { name, condition, ...where } of dependencies(service.fields['dependsOn'])) {
      const place = { path: [...path, ...where.place.path], at: where.place.at };
      const conditionPath = [...path, ...where.terms, 'condition'];
      const to = ids.get(name);
      if (to === undefined && lastTasks.has(name)) problems.push(tooLate(name, place));
      else if (to === undefined) problems.push(unknownName(name, place, ids));
      // Without a name nobody can wait for it, so it closes no cycle.
      else waits.push({ from: service.name ?? '', to, condition, place, conditionPath });
    }
  }
  return [
    ...problems,
    ...cycles(waits),
    ...neverCompleting(waits, services),
    ...neverHealthy(waits, services),
  ];
}

function tooLate(name: string, place: Place): Problem {
  const message = `"${name}" is an onshutdown task, which runs only when the machine is to end`;
  return { code: 'unknown-dependency', message, ...place };
}

function unknownName(name: string, place: Place, ids: ReadonlyMap<string, string>): Problem {
  const message = `there is no service and no onboot task called "${name}"`;
  const suggestion = suggest(name, [...ids.keys()]);
  return { code: 'unknown-dependency', message, suggestion, ...place };
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
    return [{ code: 'dependency-cycle', message, ...last.place }];
  });
}

/** An onboot task always ends, so only services are looked at. */
function neverCompleting(
  waits: readonly Wait[],
  services: readonly Candidate[],
): readonly Problem[] {
  const rules = new Map(services.map(({ name, fields }) => [name, restartKind(fields)]));
  return waits.flatMap(({ to, condition, conditionPath }): readonly Problem[] => {
    const rule = rules.get(to);
    if (condition !== 'completed') return [];
    if (rule !== 'always' && rule !== 'unless-stopped') return [];
    const message =
      `"${to}" never completes, since it is started again whenever it ends ` +
      `(restart: ${rule}); give it "restart: on-failure" or "restart: no"`;
    return [{ code: 'conflict', message, path: conditionPath }];
  });
}

/** Of services it is asked when their images are known, which may have a check (check-containers.ts). */
function neverHealthy(waits: readonly Wait[], services: readonly Candidate[]): readonly Problem[] {
  const names = new Set(services.map(({ name }) => name));
  return waits.flatMap(({ to, condition, conditionPath }): readonly Problem[] => {
    if (condition !== 'healthy' || names.has(to)) return [];
    const message = `"${to}" is an onboot task, which has no health; wait for "completed"`;
    return [{ code: 'conflict', message, path: conditionPath }];
  });
}

function restartKind({ restart }: Candidate['fields']): unknown {
  return typeof restart === 'object' && restart !== null && 'kind' in restart
    ? restart.kind
    : undefined;
}
