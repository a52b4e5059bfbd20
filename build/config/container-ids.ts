/**
 * Ids for containers by name, as LinuxKit hands them out: 100 and up, first onboot tasks, then onshutdown
 * tasks, then services.
 * Where a name repeats, the last one's id counts.
 */
import { allContainers, type ContainerSections } from './all-containers.ts';

const FIRST_ID = 100;

/** Which uid or gid each container name stands for. */
export function containerIds(config: ContainerSections): ReadonlyMap<string, number> {
  return new Map(allContainers(config).map(({ name }, index) => [name, FIRST_ID + index]));
}

/** The number behind a uid or gid of the file. The schema has made sure that a name is known. */
export function resolveId(id: number | string, ids: ReadonlyMap<string, number>): number {
  if (typeof id === 'number') return id;
  if (id === 'root') return 0;
  const number = ids.get(id);
  if (number === undefined) throw new Error(`Cannot resolve the id "${id}": no such container`);
  return number;
}
