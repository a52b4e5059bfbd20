/**
 * Names across the whole file: service names are unique, a uid or gid that is a name names a
 * container, and dependencies lead somewhere. It runs on files with other mistakes in them too, hence on values of any shape.
 */
import { onbootId } from '../../supervisor/manifest.ts';
import { CONTAINER_SECTIONS } from './all-containers.ts';
import { type Candidate, candidates } from './candidates.ts';
import { checkDependencies } from './check-dependencies.ts';
import type { Problem } from './problem.ts';
import { suggest } from './suggest.ts';

export function checkNames(config: unknown): readonly Problem[] {
  const onboot = candidates(config, 'onboot');
  const services = candidates(config, 'services');
  const onshutdown = candidates(config, 'onshutdown');
  const containers = CONTAINER_SECTIONS.flatMap((section) => candidates(config, section));
  const names = containers.flatMap(({ name }) => name ?? []);
  const idUsers = [
    ...containers.flatMap((container) => [
      ...idsOf(container, ['uid', 'gid']),
      ...listedIds(container),
    ]),
    ...candidates(config, 'files').flatMap((file) => idsOf(file, ['uid', 'gid'])),
  ];
  return [
    ...duplicateServices(onboot, services),
    ...unknownIds(idUsers, names),
    ...checkDependencies(onboot, services, onshutdown),
  ];
}

function duplicateServices(
  onboot: readonly Candidate[],
  services: readonly Candidate[],
): readonly Problem[] {
  const taken = new Map(
    onboot.map(({ name, path }) => [onbootId(path[1], name ?? ''), 'an onboot task']),
  );
  const problems: Problem[] = [];
  for (const { name, path } of services) {
    if (name === undefined) continue;
    const owner = taken.get(name);
    if (owner === undefined) {
      taken.set(name, 'another service');
      continue;
    }
    const message = `${owner} is already called "${name}"`;
    problems.push({ code: 'duplicate-name', message, path: [...path, 'name'] });
  }
  return problems;
}

interface IdUser {
  readonly path: readonly (string | number)[];
  readonly id: unknown;
}

function unknownIds(users: readonly IdUser[], names: readonly string[]): readonly Problem[] {
  return users.flatMap(({ id, path }) => {
    if (typeof id !== 'string' || id === '' || id === 'root' || names.includes(id)) return [];
    const message = `"${id}" is neither a number, nor root, nor the name of a container here`;
    return [{ code: 'unknown-id' as const, message, suggestion: suggest(id, names), path }];
  });
}

function idsOf({ fields, path }: Candidate, keys: readonly string[]): readonly IdUser[] {
  return keys.map((key) => ({ path: [...path, key], id: fields[key] }));
}

function listedIds({ fields, path }: Candidate): readonly IdUser[] {
  const ids: unknown = fields['additionalGids'];
  if (!Array.isArray(ids)) return [];
  return ids.map((id: unknown, index) => ({ path: [...path, 'additionalGids', index], id }));
}
