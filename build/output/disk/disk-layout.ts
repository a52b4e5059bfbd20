/**
 * How large a boot disk is, what is where on it, and what it is called: from what is to be on it, so that the same contents
 * give the same disk. Pure.
 */
import { createHash } from 'node:crypto';
import { ROOT_SLOTS } from '../../../supervisor/update/slots.ts';

export const MIB = 1_048_576;
export const GIB: number = 1024 * MIB;
export const SECTOR = 512;

/** Where the one partition begins, as every tool has it; the last MiB is GPT's second table. */
export const PARTITION_START: number = MIB;
const TAIL = MIB;
/** FAT32 has at least 65,525 clusters (fatgen103, "FAT Type Determination"), here of a sector. */
const LEAST_FAT32 = 40 * MIB;
/** A file's size is 32 bits in FAT. */
export const LARGEST_FILE: number = 2 ** 32 - 1;

/** A file of the host that is to be on a disk. */
export interface HostFile {
  readonly path: string;
  readonly bytes: number;
}

export class DiskSizeError extends Error {
  override readonly name = 'DiskSizeError';
}

/** Bytes of the partition that files of these sizes need: two tables of four bytes a cluster, and folders. */
export function partitionBytes(files: readonly number[]): number {
  const contents = files.reduce((sum, bytes) => sum + bytes, 0);
  return Math.max(LEAST_FAT32, wholeMib(contents + contents / 50 + 4 * MIB));
}

/**
 * Sectors of a cluster of a FAT32 partition of that size, as Microsoft's table has them (fatgen103, "FAT Volume Initialization").
 * mkfs.fat(8) goes by the size of the whole disk: in a small partition of a large one it would make too few clusters for FAT32.
 */
export function clusterSectors(partition: number): number {
  const [, sectors] = CLUSTERS.find(([least]) => partition > least) ?? [0, 1];
  return sectors;
}

const CLUSTERS = [
  [32 * GIB, 64],
  [16 * GIB, 32],
  [8 * GIB, 16],
  [260 * MIB, 8],
] as const;

/** Bytes of the partition that holds a root of that size. */
export function rootPartitionBytes(root: number): number {
  return wholeMib(root);
}

/**
 * Bytes for an image of that size, and for others that may take its place. Throws `DiskSizeError` when `slot`, which somebody
 * wants, is too small for this one.
 */
export function slotBytes(image: number, slot: number | undefined): number {
  if (slot === undefined) return wholeMib(image + image / 2);
  if (slot >= image) return wholeMib(slot);
  throw new DiskSizeError(
    `"slotSize" of ${Math.floor(slot / MIB)}M is too small: this image needs ${wholeMib(image) / MIB}M`,
  );
}

/**
 * Bytes of the disk and of its first partition. Without `wanted` as small as can be, otherwise of that size.
 * Throws `DiskSizeError` when that is too small.
 * @param multiple what the size is rounded up to
 * @param root bytes of a partition behind the first
 */
export function diskBytes(
  partition: number,
  wanted: number | undefined,
  multiple: number = MIB,
  root: number = 0,
): { readonly disk: number; readonly partition: number } {
  const needed = PARTITION_START + partition + root + TAIL;
  if (wanted !== undefined && wanted < needed) {
    throw new DiskSizeError(
      `A disk of ${Math.floor(wanted / MIB)}M is too small: this machine needs ${needed / MIB}M`,
    );
  }
  const disk = Math.ceil((wanted ?? needed) / multiple) * multiple;
  return { disk, partition: disk - PARTITION_START - TAIL - root };
}

function wholeMib(bytes: number): number {
  return Math.ceil(bytes / MIB) * MIB;
}

/** Names that are the same for the same contents: a UUID of version 4's form, and a FAT volume's eight hex digits. */
export interface DiskNames {
  readonly uuid: (what: string) => string;
  readonly volumeId: string;
}

/** @param contents digests of all that is on the disk */
export function diskNames(contents: readonly string[]): DiskNames {
  const hex = (what: string): string =>
    createHash('sha256')
      .update(JSON.stringify([what, ...contents]))
      .digest('hex');
  return {
    uuid(what) {
      const bytes = Buffer.from(hex(what), 'hex').subarray(0, 16);
      bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
      bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
      return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/u, '$1-$2-$3-$4-');
    },
    volumeId: hex('volume').slice(0, 8),
  };
}

/** The script for sfdisk(8) of a GPT with an EFI system partition, and perhaps one with a root behind it. */
export function gptScript(
  partition: number,
  { uuid }: DiskNames,
  roots: readonly RootPartition[] = [],
): string {
  let start = PARTITION_START + partition;
  const rows = roots.map(({ name, bytes }) => {
    const row = `start=${start / SECTOR}, size=${bytes / SECTOR}, type=${LINUX_DATA}, uuid=${uuid(name)}, name="${name}"`;
    start += bytes;
    return row;
  });
  return [
    'label: gpt',
    `label-id: ${uuid('disk')}`,
    `start=${PARTITION_START / SECTOR}, size=${partition / SECTOR}, type=${EFI_SYSTEM}, uuid=${uuid('partition')}, name="boot"`,
    ...rows,
    '',
  ].join('\n');
}

/** A partition for a root, behind the first. */
export interface RootPartition {
  readonly name: string;
  readonly bytes: number;
}

/** None, one, or with slots two of which the second is empty. */
export function rootPartitions(
  root: number | undefined,
  slots: { readonly bytes?: number } | undefined,
): readonly RootPartition[] {
  if (root === undefined) return [];
  if (slots === undefined) return [{ name: 'root', bytes: rootPartitionBytes(root) }];
  const bytes = slotBytes(root, slots.bytes);
  return ROOT_SLOTS.map((name) => ({ name, bytes }));
}

/** Not the Discoverable Partitions' root: those have the hashes in a partition of their own. */
const LINUX_DATA = '0FC63DAF-8483-4772-8E79-3D69D8477DE4';
const EFI_SYSTEM = 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B';

/** The same of an MBR with an active partition of FAT32. */
export function mbrScript(
  partition: number,
  { volumeId }: DiskNames,
  roots: readonly RootPartition[] = [],
): string {
  const start = (PARTITION_START + partition) / SECTOR;
  return [
    'label: dos',
    `label-id: 0x${volumeId}`,
    `start=${PARTITION_START / SECTOR}, size=${partition / SECTOR}, type=0c, bootable`,
    ...roots.map(({ bytes }) => `start=${start}, size=${bytes / SECTOR}, type=83`),
    '',
  ].join('\n');
}
