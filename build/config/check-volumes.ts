/**
 * Volumes across the whole file: names are unique, and what containers bind by name is there and may be bound
 * so. It runs on files with other mistakes in them too, hence on values of any shape.
 */
import { volumeTaskId } from '../../supervisor/manifest.ts';
import { CONTAINER_SECTIONS } from './all-containers.ts';
import { type Candidate, candidates } from './candidates.ts';
import type { DiskConfig } from './disk-schema.ts';
import type { Problem } from './problem.ts';
import { suggest } from './suggest.ts';
import { afterOf } from './volume-tasks.ts';

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
  return [
    ...problems,
    ...uses.flatMap((use) => checkUse(use, volumes)),
    ...[...volumes.values()].flatMap((volume) => checkDisk(volume, config)),
  ];
}

/** What `disk` of a volume asks of the rest of the file. */
function checkDisk({ name, path, fields }: Candidate, config: unknown): readonly Problem[] {
  const disk = fields['disk'];
  if (!isDisk(disk)) return [];
  const onboot = candidates(config, 'onboot');
  const at = [...path, 'disk'];
  const problems: Problem[] = [];
  const { after, encrypt, filesystem } = disk;
  const known = onboot.flatMap((task) => task.name ?? []);
  if (after !== undefined && !known.includes(after)) {
    const message = `there is no onboot task called "${after}"`;
    const suggestion = suggest(after, known);
    problems.push({ code: 'unknown-dependency', message, suggestion, path: [...at, 'after'] });
  }
  const place = afterOf(
    disk,
    onboot.map(({ fields: { image }, name: its }) => ({ image, name: its })),
  );
  if (after === undefined && encrypt?.key.from === 'metadata' && place === 0) {
    const message = 'there is no onboot task with ishmael/metadata to fetch it: say "after"';
    problems.push({ code: 'missing-key', message, path: [...at, 'encrypt'] });
  }
  const id = volumeTaskId(name ?? '');
  for (const service of candidates(config, 'services')) {
    if (service.name !== id) continue;
    const message = `what puts the volume "${name}" on its disk is called "${id}"`;
    problems.push({ code: 'duplicate-name', message, path: [...service.path, 'name'] });
  }
  for (const task of onboot.slice(0, place)) {
    const early = [
      ...usesIn(task, 'binds'),
      ...usesIn(task, 'binds.add'),
      ...usesIn(task, 'mounts'),
    ];
    for (const use of early.filter(({ source }) => source === name)) {
      const message = `the volume "${name}" is mounted only after this task`;
      problems.push({ code: 'conflict', message, path: use.path });
    }
  }
  const missing = withoutDriver(config, filesystem, encrypt);
  if (missing !== undefined) {
    const message = `ishmael/kernel has no driver for ${missing}: take ishmael/kernel-generic`;
    problems.push({ code: 'conflict', message, path: at });
  }
  return problems;
}

function isDisk(value: unknown): value is DiskConfig {
  return typeof value === 'object' && value !== null && 'choice' in value;
}

/** What the kernel for virtual machines leaves out. */
function withoutDriver(
  config: unknown,
  filesystem: DiskConfig['filesystem'],
  encrypt: DiskConfig['encrypt'],
): string | undefined {
  const kernel: unknown = Reflect.get(config as object, 'kernel');
  const image: unknown =
    typeof kernel === 'object' && kernel !== null && Reflect.get(kernel, 'image');
  if (image !== 'ishmael/kernel' && image !== 'ishmael/kernel:latest') return undefined;
  if (filesystem === 'xfs' || filesystem === 'btrfs') return filesystem;
  return encrypt?.key.from === 'tpm' ? 'a TPM' : undefined;
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
  const { disk, readonly } = volume.fields;
  if (isDisk(disk) && disk.filesystem === 'swap') {
    const message = `the volume "${source}" is swapped to: it is no directory`;
    return [{ code: 'conflict', message, path }];
  }
  if (readonly !== true || options.includes('ro')) return [];
  const message = `the volume "${source}" is read-only: bind it with "ro"`;
  return [{ code: 'conflict', message, path }];
}
