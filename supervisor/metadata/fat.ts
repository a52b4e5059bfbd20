/** FAT12, FAT16 and FAT32 with long names (Microsoft's FAT specification 1.03), as far as the files in the root folder go. */
import type { BlockReader } from './block-reader.ts';
import { MetadataError } from './metadata.ts';
import type { SmallVolume, VolumeFile } from './small-volume.ts';

const ENTRY = 32;
const MAX_FOLDER_BYTES = 1_048_576;

const ATTRIBUTES = 11;
const IS_LABEL = 0x08;
const IS_FOLDER = 0x10;
const IS_LONG_NAME = 0x0f;
const DELETED = 0xe5;
const LAST_LONG = 0x40;
/** Where the 13 UTF-16 units of a part of a long name are. */
const LONG_NAME_PARTS: readonly (readonly [from: number, to: number])[] = [
  [1, 11],
  [14, 26],
  [28, 32],
];

interface Layout {
  readonly bits: 12 | 16 | 32;
  readonly fatStart: number;
  readonly clusterBytes: number;
  readonly dataStart: number;
  readonly clusters: number;
}

/** `undefined` where there is no such file system. Throws `MetadataError` for one that contradicts itself. */
export function readFat(device: BlockReader): SmallVolume | undefined {
  const boot = device.read(0, 512);
  if (boot.length < 512 || boot.readUInt16LE(510) !== 0xaa55) return undefined;
  const sectorBytes = boot.readUInt16LE(11);
  const sectorsPerCluster = boot.readUInt8(13);
  const fats = boot.readUInt8(16);
  if (![512, 1024, 2048, 4096].includes(sectorBytes) || sectorsPerCluster === 0) return undefined;
  if (fats === 0 || fats > 2) return undefined;
  const reserved = boot.readUInt16LE(14);
  const rootBytes = boot.readUInt16LE(17) * ENTRY;
  const fatSectors = boot.readUInt16LE(22) || boot.readUInt32LE(36);
  const rootSectors = Math.ceil(rootBytes / sectorBytes);
  const rootStart = reserved + fats * fatSectors;
  const sectors = boot.readUInt16LE(19) || boot.readUInt32LE(32);
  const clusters = Math.floor((sectors - rootStart - rootSectors) / sectorsPerCluster);
  if (reserved === 0 || fatSectors === 0 || clusters < 1) return undefined;
  const bits = clusters < 4085 ? 12 : clusters < 65_525 ? 16 : 32;
  const layout: Layout = {
    bits,
    fatStart: reserved * sectorBytes,
    clusterBytes: sectorsPerCluster * sectorBytes,
    dataStart: (rootStart + rootSectors) * sectorBytes,
    clusters,
  };
  const root =
    bits === 32
      ? readChain(device, layout, boot.readUInt32LE(44), MAX_FOLDER_BYTES)
      : device.read(rootStart * sectorBytes, rootBytes);
  const { label, files } = readFolder(device, layout, root);
  return { label: label === '' ? labelOf(boot, bits) : label, files };
}

/** The one in the boot sector, where its extended signature says that there is one. */
function labelOf(boot: Buffer, bits: Layout['bits']): string {
  const at = bits === 32 ? 66 : 38;
  return boot.readUInt8(at) === 0x29 ? boot.toString('latin1', at + 5, at + 16).trimEnd() : '';
}

function readFolder(device: BlockReader, layout: Layout, folder: Buffer): SmallVolume {
  const files = new Map<string, VolumeFile>();
  let label = '';
  let long = '';
  for (let at = 0; at + ENTRY <= folder.length; at += ENTRY) {
    const entry = folder.subarray(at, at + ENTRY);
    const first = entry.readUInt8(0);
    if (first === 0) break;
    const attributes = entry.readUInt8(ATTRIBUTES);
    if (first === DELETED) {
      long = '';
    } else if ((attributes & IS_LONG_NAME) === IS_LONG_NAME) {
      // The parts come in reverse.
      long = longPart(entry) + ((first & LAST_LONG) === 0 ? long : '');
    } else {
      const name = (long === '' ? shortName(entry) : long).toLowerCase();
      long = '';
      if ((attributes & IS_LABEL) !== 0) label = entry.toString('latin1', 0, 11).trimEnd();
      else if ((attributes & IS_FOLDER) === 0) files.set(name, fileOf(device, layout, entry));
    }
  }
  return { label, files };
}

function longPart(entry: Buffer): string {
  const units = LONG_NAME_PARTS.map(([from, to]) => entry.toString('utf16le', from, to)).join('');
  const end = units.indexOf('\0');
  return end === -1 ? units : units.slice(0, end);
}

function shortName(entry: Buffer): string {
  const base = entry.toString('latin1', 0, 8).trimEnd();
  const extension = entry.toString('latin1', 8, 11).trimEnd();
  return extension === '' ? base : `${base}.${extension}`;
}

function fileOf(device: BlockReader, layout: Layout, entry: Buffer): VolumeFile {
  const high = layout.bits === 32 ? entry.readUInt16LE(20) : 0;
  const cluster = high * 65_536 + entry.readUInt16LE(26);
  const bytes = entry.readUInt32LE(28);
  return {
    bytes,
    read() {
      const contents = readChain(device, layout, cluster, bytes);
      if (contents.length < bytes) throw new MetadataError('the file system ends within a file');
      return contents;
    },
  };
}

/** The clusters from `cluster` on, until the chain or `maxBytes` end. A chain in a circle ends with the latter. */
function readChain(device: BlockReader, layout: Layout, first: number, maxBytes: number): Buffer {
  const { clusterBytes, dataStart, clusters } = layout;
  const parts: Buffer[] = [];
  let cluster = first;
  for (let done = 0; done < maxBytes; done += clusterBytes) {
    if (cluster < 2 || cluster >= clusters + 2) break;
    parts.push(device.read(dataStart + (cluster - 2) * clusterBytes, clusterBytes));
    cluster = nextCluster(device, layout, cluster);
  }
  return Buffer.concat(parts).subarray(0, maxBytes);
}

/** What ends a chain is more than any cluster. The table itself may be larger than the memory. */
function nextCluster(device: BlockReader, { bits, fatStart }: Layout, cluster: number): number {
  const bytes = Math.ceil(bits / 8);
  const entry = device.read(fatStart + Math.floor((cluster * bits) / 8), bytes);
  if (entry.length < bytes) throw new MetadataError('the file system ends within its table');
  if (bits === 32) return entry.readUInt32LE() & 0x0fff_ffff;
  const pair = entry.readUInt16LE();
  if (bits === 16) return pair;
  return cluster % 2 === 0 ? pair & 0xfff : pair >> 4;
}
