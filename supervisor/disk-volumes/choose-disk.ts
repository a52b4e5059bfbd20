/**
 * Which disk a volume gets, out of those that are there. Another disk than the one that is meant is never taken, and one
 * that has anything on it is never formatted. Pure.
 */
import type { DiskUse, DiskWish } from './disk-wish.ts';

/** A disk or a partition. */
export interface BlockDevice {
  /** Below /dev: `vda1`. */
  readonly node: string;
  readonly sizeBytes: number;
  readonly isReadOnly: boolean;
  /** Of a partition: its disk. */
  readonly parent?: string;
  /** Of a partition: its name in the table, where that has names. */
  readonly partitionName?: string;
  readonly contents: Contents;
}

export type Contents =
  | { readonly kind: 'blank' }
  /** Not zeros, and nothing that is known either; or more than one thing. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'table' }
  /** `type` as blkid(8) has it: `ext4`, `crypto_LUKS`, `linux_raid_member`. */
  | {
      readonly kind: 'known';
      readonly type: string;
      readonly label?: string;
      readonly uuid?: string;
    };

export type Decision =
  /** It holds what is wanted. */
  | { readonly tag: 'use'; readonly node: string }
  /** A whole disk with nothing on it. */
  | { readonly tag: 'make-partition'; readonly disk: string }
  /** `disk`: whose table is ours, and says that what is in the partition was never finished. */
  | { readonly tag: 'make'; readonly node: string; readonly disk?: string }
  /** `mayCome`: a disk that appears later may change it. */
  | { readonly tag: 'none'; readonly why: string; readonly mayCome: boolean };

/** The name of a partition in which something is being made: a power cut meanwhile must not leave a disk that nobody dares to touch. */
export function unfinishedName(volume: string): string {
  return `ishmael-new-${volume}`;
}

/** @param resolve the node that a path below /dev leads to */
export function chooseDisk(
  wish: DiskWish,
  devices: readonly BlockDevice[],
  resolve: (path: string) => string | undefined,
): Decision {
  const { choice } = wish;
  switch (choice.by) {
    case 'label':
      return only(wish, devices, hasLabel(choice.label), `with the label "${choice.label}"`);
    case 'uuid':
      return only(wish, devices, hasUuid(choice.uuid), `with the UUID ${choice.uuid}`);
    case 'path': {
      const node = resolve(choice.path);
      const device = devices.find((each) => each.node === node);
      if (device === undefined) return none(`there is no disk ${choice.path}`, devices);
      return settle(wish, device, devices);
    }
    case 'size': {
      const { min, max } = choice;
      const fitting = disksOf(devices).filter(
        ({ sizeBytes }) => sizeBytes >= min && sizeBytes <= max,
      );
      const size = min === max ? `${min} bytes` : `${min} to ${max} bytes`;
      return firstFree(wish, fitting, devices, `of ${size}`);
    }
    case 'firstBlank':
      return firstFree(wish, disksOf(devices), devices, 'that is blank');
  }
}

type Test = (contents: Contents) => boolean;

function hasLabel(label: string): Test {
  return (contents) => contents.kind === 'known' && contents.label === label;
}

function hasUuid(uuid: string): Test {
  const wanted = uuid.toLowerCase();
  return (contents) => contents.kind === 'known' && contents.uuid?.toLowerCase() === wanted;
}

function only(
  wish: DiskWish,
  devices: readonly BlockDevice[],
  test: Test,
  words: string,
): Decision {
  const found = devices.filter(({ contents }) => test(contents));
  const [first, ...others] = found;
  if (first === undefined) return none(`there is no disk ${words}`, devices);
  if (others.length > 0)
    return refusal(`there are ${found.length} disks ${words}: ${names(found)}`);
  return settle(wish, first, devices);
}

/** One that is the volume's already, by its label; else one on which making it was cut short; else the first with nothing on it. */
function firstFree(
  wish: DiskWish,
  disks: readonly BlockDevice[],
  devices: readonly BlockDevice[],
  words: string,
): Decision {
  const within = devices.filter(({ node, parent }) =>
    disks.some((disk) => disk.node === node || disk.node === parent),
  );
  const own = within.filter(({ contents }) => hasLabel(wish.name)(contents));
  if (own.length > 0)
    return only(wish, within, hasLabel(wish.name), `with the label "${wish.name}"`);
  const [single, ...others] = disks;
  if (wish.choice.by === 'size' && single !== undefined && others.length === 0) {
    return settle(wish, single, devices);
  }
  if (wish.format === 'ifBlank') {
    const begun = disks.find((disk) => unfinishedPart(wish, disk, devices) !== undefined);
    const free = begun ?? disks.find((disk) => isFree(disk));
    if (free !== undefined) return settle(wish, free, devices);
  }
  return none(`there is no disk ${words}, and none with the label "${wish.name}"`, devices);
}

function isFree({ contents, isReadOnly }: BlockDevice): boolean {
  return contents.kind === 'blank' && !isReadOnly;
}

/** What becomes of a disk or partition that is the one. */
function settle(wish: DiskWish, device: BlockDevice, devices: readonly BlockDevice[]): Decision {
  const { node, contents, parent } = device;
  const at = `/dev/${node}`;
  switch (contents.kind) {
    case 'known': {
      const wanted = contentsType(wish);
      if (contents.type === wanted) return { tag: 'use', node };
      return refusal(`${describe(device)} is not what is asked for, which is ${wanted}`);
    }
    case 'unknown':
      return refusal(`${at} has something on it that nobody here knows, and is left alone`);
    case 'blank': {
      if (wish.format === 'never') return refusal(`${at} is blank, and "format" is "never"`);
      if (device.isReadOnly) return refusal(`${at} is blank, and cannot be written to`);
      if (parent === undefined) return { tag: 'make-partition', disk: node };
      return { tag: 'make', node };
    }
    case 'table': {
      const begun = unfinishedPart(wish, device, devices);
      if (begun !== undefined && wish.format === 'ifBlank') {
        return { tag: 'make', node: begun.node, disk: node };
      }
      const parts = devices.filter((each) => each.parent === node);
      const [part, ...others] = parts;
      if (part === undefined) return refusal(`${at} has a partition table with nothing in it`);
      if (others.length > 0) return refusal(`${at} has several partitions: ${names(parts)}`);
      if (part.contents.kind === 'known') return settle(wish, part, devices);
      return refusal(`${at} has a partition, ${describe(part)}, and is left alone`);
    }
  }
}

function unfinishedPart(
  { name }: DiskWish,
  disk: BlockDevice,
  devices: readonly BlockDevice[],
): BlockDevice | undefined {
  const [part, ...others] = devices.filter(({ parent }) => parent === disk.node);
  const isOurs = part?.partitionName === unfinishedName(name) && others.length === 0;
  return isOurs && !disk.isReadOnly ? part : undefined;
}

/** In the words of blkid(8). */
export function contentsType({ holds, encrypt }: Pick<DiskWish, 'holds' | 'encrypt'>): string {
  return encrypt === undefined ? (holds satisfies DiskUse) : 'crypto_LUKS';
}

function disksOf(devices: readonly BlockDevice[]): readonly BlockDevice[] {
  return devices.filter(({ parent }) => parent === undefined);
}

function none(what: string, devices: readonly BlockDevice[]): Decision {
  const found = devices.length === 0 ? 'there is none at all' : `there are: ${names(devices)}`;
  return { tag: 'none', why: `${what}; ${found}`, mayCome: true };
}

function refusal(why: string): Decision {
  return { tag: 'none', why, mayCome: false };
}

function names(devices: readonly BlockDevice[]): string {
  return devices.map(describe).join(', ');
}

/** `/dev/vda1 (62 MiB, ext4 "data")` */
function describe({ node, sizeBytes, contents }: BlockDevice): string {
  const mib = Math.floor(sizeBytes / 1_048_576);
  return `/dev/${node} (${mib} MiB, ${summary(contents)})`;
}

function summary(contents: Contents): string {
  switch (contents.kind) {
    case 'blank':
      return 'blank';
    case 'unknown':
      return 'something unknown';
    case 'table':
      return 'partitions';
    case 'known':
      return contents.label === undefined ? contents.type : `${contents.type} "${contents.label}"`;
  }
}
