/**
 * Volumes across the whole file: names are unique, and what containers bind by name is there and may be bound
 * so. It runs on files with other mistakes in them too, hence on values of any shape.
 */
import { CONTAINER_SECTIONS } from './all-containers.ts';
import { type Candidate, candidates } from './candidates.ts';
import type { Problem } from './problem.ts';
import { suggest } from './suggest.ts';

export function checkVolumes(config: unknown): readonly Problem[] {
  const volumes = new Map<string, Candidate>();
  const problems: Problem[] = [];
  for (const volume of candidates(config, 'volumes')) {
    const { name, path } = volume;
    if (name === undefined) continue;
    if (volumes.has(name)) {
      const message = `another volume is already called "${name}"`;
      problems.push({ code: 'duplicate-name', message, path: [...path, 'name'] });
    }
    volumes.set(name, volume);
  }
  const containers = CONTAINER_SECTIONS.flatMap((section) => candidates(config, section));
  const uses = containers.flatMap((container) => [
    ...usesIn(container, 'binds'),
    ...usesIn(container, 'binds.add'),
    ...usesIn(container, 'mounts'),
  ]);
  return [...problems, ...uses.flatMap((use) => checkUse(use, volumes))];
}

/** A source that is no path. */
interface Use {
  readonly source: string;
  readonly options: readonly unknown[];
  readonly path: readonly (string | number)[];
}

function usesIn({ fields, path }: Candidate, key: string): readonly Use[] {
  const list: unknown = fields[key];
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: unknown, index): readonly Use[] => {
    if (typeof item !== 'object' || item === null || !('source' in item)) return [];
    const { source } = item;
    const isBind = key !== 'mounts' || ('type' in item && item.type === 'bind');
    if (!isBind || typeof source !== 'string' || source.startsWith('/')) return [];
    const options: unknown = 'options' in item ? item.options : [];
    const words: readonly unknown[] = Array.isArray(options) ? options : [];
    return [{ source, options: words, path: [...path, key, index] }];
  });
}

function checkUse(
  { source, options, path }: Use,
  volumes: ReadonlyMap<string, Candidate>,
): readonly Problem[] {
  const volume = volumes.get(source);
  if (volume === undefined) {
    const message = `the source "${source}" is neither an absolute path nor the name of a volume`;
    const suggestion = suggest(source, [...volumes.keys()]);
    return [{ code: 'unknown-volume', message, suggestion, path }];
  }
  if (volume.fields['readonly'] !== true || options.includes('ro')) return [];
  const message = `the volume "${source}" is read-only: bind it with "ro"`;
  return [{ code: 'conflict', message, path }];
}
