/**
 * ISO 9660 (ECMA-119) with the names of Joliet or Rock Ridge (SUSP and RRIP 1.12), as far as the files in the root
 * folder go.
 */
import type { BlockReader } from './block-reader.ts';
import { MetadataError } from './metadata.ts';
import type { SmallVolume, VolumeFile } from './small-volume.ts';

const SECTOR = 2048;
/** Before it the standard leaves room for others. */
const FIRST_DESCRIPTOR = 16;
/** Far more than anybody writes; a volume may name its own end and need not. */
const MAX_DESCRIPTORS = 64;
const MAX_FOLDER_BYTES = 1_048_576;

const PRIMARY = 1;
const SUPPLEMENTARY = 2;
const TERMINATOR = 255;

/** ISO 2022 sequences for UCS-2 levels 1 to 3, by which Joliet is told from other supplementary descriptors. */
const JOLIET_ESCAPES: readonly string[] = ['%/@', '%/C', '%/E'];

const IS_FOLDER = 2;

/** `undefined` where there is no such file system. Throws `MetadataError` for one that contradicts itself. */
export function readIso9660(device: BlockReader): SmallVolume | undefined {
  let label: string | undefined;
  const files = new Map<string, VolumeFile>();
  for (let index = 0; index < MAX_DESCRIPTORS; index += 1) {
    const descriptor = device.read((FIRST_DESCRIPTOR + index) * SECTOR, SECTOR);
    if (descriptor.length < SECTOR || descriptor.toString('latin1', 1, 6) !== 'CD001') break;
    const [type] = descriptor;
    if (type === TERMINATOR) break;
    const isJoliet = JOLIET_ESCAPES.includes(descriptor.toString('latin1', 88, 91));
    if (type === PRIMARY) label = descriptor.toString('latin1', 40, 72).trimEnd();
    if (type !== PRIMARY && !(type === SUPPLEMENTARY && isJoliet)) continue;
    const blockBytes = descriptor.readUInt16LE(128);
    const root = descriptor.subarray(156, 190);
    const extent = root.readUInt32LE(2) * blockBytes;
    const folder = device.read(extent, Math.min(root.readUInt32LE(10), MAX_FOLDER_BYTES));
    for (const { name, start, bytes } of entries(folder, type === SUPPLEMENTARY)) {
      files.set(name, { bytes, read: () => readExtent(device, start * blockBytes, bytes) });
    }
  }
  return label === undefined ? undefined : { label, files };
}

interface Entry {
  readonly name: string;
  /** In logical blocks. */
  readonly start: number;
  readonly bytes: number;
}

function* entries(folder: Buffer, isJoliet: boolean): Generator<Entry> {
  let at = 0;
  while (at < folder.length) {
    const length = folder[at] ?? 0;
    if (length === 0) {
      // Records do not go across the end of a sector; zeros fill it up.
      at = (Math.floor(at / SECTOR) + 1) * SECTOR;
      continue;
    }
    const record = folder.subarray(at, at + length);
    at += length;
    if (record.length < 34) return;
    const nameLength = record.readUInt8(32);
    if (33 + nameLength > record.length) return;
    if ((record.readUInt8(25) & IS_FOLDER) !== 0) continue;
    const plain = record.subarray(33, 33 + nameLength);
    const name = isJoliet
      ? ucs2(plain)
      : (rockRidgeName(record.subarray(33 + nameLength + ((nameLength + 1) % 2))) ??
        plain.toString('latin1'));
    const start = record.readUInt32LE(2);
    yield { name: withoutVersion(name).toLowerCase(), start, bytes: record.readUInt32LE(10) };
  }
}

function ucs2(bytes: Buffer): string {
  return Buffer.from(bytes.subarray(0, bytes.length & ~1))
    .swap16()
    .toString('utf16le');
}

/** The `NM` entry; one that goes on elsewhere belongs to a name that is none of those looked for. */
function rockRidgeName(systemUse: Buffer): string | undefined {
  let at = 0;
  while (at + 4 <= systemUse.length) {
    const length = systemUse.readUInt8(at + 2);
    if (length < 4) return undefined;
    if (systemUse.toString('latin1', at, at + 2) === 'NM') {
      return systemUse.toString('utf8', at + 5, at + length);
    }
    at += length;
  }
  return undefined;
}

function withoutVersion(name: string): string {
  return name.replace(/;\d+$/, '').replace(/\.$/, '');
}

function readExtent(device: BlockReader, offset: number, bytes: number): Buffer {
  const contents = device.read(offset, bytes);
  if (contents.length < bytes) throw new MetadataError('the file system ends within a file');
  return contents;
}
