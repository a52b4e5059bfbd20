/** What puts volumes on disks: a task for each, which the file does not have to name. Pure. */
import type { DiskWish } from '../../supervisor/disk-volumes/disk-wish.ts';
import { volumeTaskId } from '../../supervisor/manifest.ts';
import { type OnbootConfig, onbootSchema } from './container-schema.ts';
import type { DiskConfig } from './disk-schema.ts';
import type { VolumeConfig } from './volume-schema.ts';

export interface VolumeTaskConfig {
  readonly volume: string;
  /** It runs behind so many of the onboot tasks. */
  readonly after: number;
  readonly task: OnbootConfig;
}

/** Where `ishmael/metadata` lays out what it was told. */
const METADATA_DIR = '/run/config';

const LIGHT = 'ishmael/volume';
/** Larger, and hence only for whom it is. */
const FULL = 'ishmael/volume-full';
const IN_FULL: readonly unknown[] = ['btrfs', 'xfs'];

/** The component that puts it on a disk. @param disk valid or not */
export function volumeImage(disk: {
  readonly filesystem?: unknown;
  readonly encrypt?: unknown;
}): string {
  return disk.encrypt !== undefined || IN_FULL.includes(disk.filesystem) ? FULL : LIGHT;
}

/** In the order of the file, which is the order in which they are run. */
export function volumeTasks(
  volumes: readonly VolumeConfig[],
  onboot: readonly Pick<OnbootConfig, 'name' | 'image'>[],
): readonly VolumeTaskConfig[] {
  return volumes.flatMap((volume): readonly VolumeTaskConfig[] => {
    const { name, disk } = volume;
    if (disk === undefined) return [];
    const wish = wishOf(volume, disk);
    const file = wish.encrypt?.from === 'file' ? wish.encrypt.path : undefined;
    const task = onbootSchema.parse({
      name: volumeTaskId(name),
      image: volumeImage(disk),
      command: ['/usr/bin/volume', JSON.stringify(wish)],
      ...(file !== undefined && { 'binds.add': [`${file}:${file}:ro`] }),
      onFailure: disk.onFailure,
    });
    return [{ volume: name, after: afterOf(disk, onboot), task }];
  });
}

/** How many of the onboot tasks come before. Who needs metadata comes after the task that fetches them. */
export function afterOf(
  { after, encrypt }: Pick<DiskConfig, 'after' | 'encrypt'>,
  onboot: readonly { readonly name?: unknown; readonly image?: unknown }[],
): number {
  if (after !== undefined) return 1 + onboot.findLastIndex(({ name }) => name === after);
  if (encrypt?.key.from !== 'metadata') return 0;
  return 1 + onboot.findLastIndex(({ image }) => isMetadata(image));
}

function isMetadata(image: unknown): boolean {
  return image === 'ishmael/metadata' || image === 'ishmael/metadata:latest';
}

function wishOf({ name, readonly }: VolumeConfig, disk: DiskConfig): DiskWish {
  const { choice, filesystem, format, fsck, grow, options, encrypt, wait, owner } = disk;
  return {
    name,
    choice,
    holds: filesystem,
    format,
    fsck,
    grow,
    readonly,
    options,
    ...(encrypt && { encrypt: sourceOf(encrypt.key) }),
    waitMs: wait,
    ...(owner && { owner }),
  };
}

function sourceOf(key: NonNullable<DiskConfig['encrypt']>['key']): DiskWish['encrypt'] & object {
  if (key.from !== 'metadata') return key;
  return { from: 'file', path: `${METADATA_DIR}/${key.name}` };
}
