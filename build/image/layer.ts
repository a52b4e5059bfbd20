/**
 * Tar archives as trees, in both directions. Reading puts file contents one after another into a data
 * file, so that a tree of any size costs little memory, and refuses what no image needs: archives come
 * from anywhere. Writing takes every time and owner from the tree: the same tree is the same bytes.
 */
import { open, statfs, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { decodeTar, type TarEntry } from '../../supervisor/tar/decode-tar.ts';
import { encodeTar } from '../archive/encode-tar.ts';
import { TarError } from '../../supervisor/tar/tar-error.ts';
import { fileDataSize, streamFileData } from '../rootfs/file-data.ts';
import { normalisePath } from '../rootfs/path.ts';
import type { FileData, NodeMeta, Tree, TreeNode } from '../rootfs/tree.ts';

/** What an archive may at most be; far more than any image is, far less than what wears a machine out. */
export interface TarLimits {
  readonly entries: number;
  readonly devices: number;
  /** Of one file, holes included. */
  readonly fileBytes: number;
  /** Of all contents, holes not included; absent: what the disk has left. */
  readonly totalBytes?: number;
}

const LIMITS: TarLimits = { entries: 2_000_000, devices: 4096, fileBytes: 2 ** 40 };

/** PATH_MAX and NAME_MAX: what is longer the guest could not open. */
const LONGEST_PATH = 4095;
const LONGEST_NAME = 255;
/** 32 bits, the last of which stands for "no id". */
const LARGEST_ID = 0xffff_fffe;
const LARGEST_TIME = 0xffff_ffff;
/** Twelve and twenty bits, as the kernel's dev_t. */
const LARGEST_MAJOR = 0xfff;
const LARGEST_MINOR = 0xfffff;

/**
 * Reads a tar stream. Contents go to `dataPath` (created), where the tree's `host-range`s point. Rejects
 * with `UnsafePathError` for a name that leaves the root and with `TarError` for everything else that is
 * wrong. Whiteouts stay ordinary entries.
 * @param visit told each entry's PAX records, in the archive's order
 */
export async function readTar(
  source: AsyncIterable<Uint8Array>,
  dataPath: string,
  limits: TarLimits = LIMITS,
  visit?: (path: string, records: TarEntry['records']) => void,
): Promise<Tree> {
  const tree: Tree = new Map();
  const data = await open(dataPath, 'w');
  let left = limits.totalBytes ?? (await freeBytes(dirname(dataPath)));
  let [offset, entries, devices] = [0, 0, 0];
  try {
    for await (const entry of decodeTar(source)) {
      const path = checkedPath(entry.header.name);
      entries += 1;
      if (entries > limits.entries) throw tooMany(path, limits.entries, 'entries');
      const { realSize, fragments } = entry.map;
      left -= fragments.reduce((sum, { length }) => sum + length, 0);
      if (realSize > limits.fileBytes || left < 0) {
        throw new TarError('absurd', path, `it claims ${realSize} bytes`);
      }
      const range = { kind: 'host-range', path: dataPath, offset, size: realSize } as const;
      const node = nodeOf(entry, path, range);
      if (node.type.endsWith('-device')) devices += 1;
      if (devices > limits.devices) throw tooMany(path, limits.devices, 'devices');
      tree.set(path, node);
      visit?.(path, entry.records);
      await writeContents(data, entry, offset);
      if (node.type === 'file') offset += realSize;
    }
    // A hole at the end has not been written.
    await data.truncate(offset);
  } finally {
    await data.close();
  }
  return tree;
}

/** A tree as a tar stream: the same bytes for the same tree. */
export function writeTar(
  tree: Tree,
  records?: (path: string) => Readonly<Record<string, string>>,
): Readable {
  const options = { read: streamFileData, size: fileDataSize };
  return Readable.from(encodeTar(tree, records === undefined ? options : { ...options, records }), {
    objectMode: false,
  });
}

function checkedPath(name: string): string {
  const path = normalisePath(name);
  const bytes = Buffer.byteLength(path);
  if (bytes > LONGEST_PATH || path.split('/').some((p) => Buffer.byteLength(p) > LONGEST_NAME)) {
    throw new TarError('absurd', `${path.slice(0, 60)}…`, `its name has ${bytes} bytes`);
  }
  return path;
}

function tooMany(path: string, limit: number, what: string): TarError {
  return new TarError('absurd', path, `the archive has more than ${limit} ${what}`);
}

function nodeOf({ header, xattrs }: TarEntry, path: string, data: FileData): TreeNode {
  const meta: NodeMeta = {
    mode: header.mode & 0o7777,
    uid: checkedId(header.uid, path),
    gid: checkedId(header.gid, path),
    mtime: Math.min(Math.max(header.mtime, 0), LARGEST_TIME),
    ...attributes(xattrs),
  };
  switch (header.type) {
    case '0':
    case '7':
    case 'S':
      // Before there was a type for directories, a slash told them apart.
      if (header.name.endsWith('/')) return { ...meta, type: 'directory' };
      return { ...meta, type: 'file', data };
    case '1':
      return { ...meta, type: 'hardlink', target: normalisePath(header.linkname) };
    case '2':
      return { ...meta, type: 'symlink', target: checkedTarget(header.linkname, path) };
    case '3':
      return { ...meta, type: 'character-device', ...checkedDevice(header, path) };
    case '4':
      return { ...meta, type: 'block-device', ...checkedDevice(header, path) };
    case '5':
      return { ...meta, type: 'directory' };
    case '6':
      return { ...meta, type: 'fifo' };
    default:
      throw new TarError('unsupported', path, `it is of the unknown type "${header.type}"`);
  }
}

/**
 * Attributes as they are, but for those of overlay filesystems: under a container's overlay they would
 * hide files or fetch them from elsewhere.
 */
function attributes(xattrs: ReadonlyMap<string, Buffer>): Pick<NodeMeta, 'xattrs'> {
  const kept = [...xattrs].filter(([name]) => !/^(?:trusted|user)\.overlay\./u.test(name));
  if (kept.length === 0) return {};
  return {
    xattrs: Object.fromEntries(kept.map(([name, value]) => [name, value.toString('base64')])),
  };
}

function checkedId(id: number, path: string): number {
  if (id >= 0 && id <= LARGEST_ID) return id;
  throw new TarError('absurd', path, `its owner is ${id}`);
}

function checkedTarget(target: string, path: string): string {
  if (target !== '' && Buffer.byteLength(target) <= LONGEST_PATH && !target.includes('\0')) {
    return target;
  }
  throw new TarError('malformed', path, 'its link leads nowhere');
}

function checkedDevice(
  { major, minor }: TarEntry['header'],
  path: string,
): { readonly major: number; readonly minor: number } {
  const isDevice = major >= 0 && major <= LARGEST_MAJOR && minor >= 0 && minor <= LARGEST_MINOR;
  if (isDevice) return { major, minor };
  throw new TarError('absurd', path, `it is the device ${major}:${minor}`);
}

async function freeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

/** Fragments go where the map says; what lies between stays a hole. */
async function writeContents(
  file: FileHandle,
  { map, contents }: TarEntry,
  start: number,
): Promise<void> {
  const fragments = map.fragments.values();
  let { offset = 0, length = 0 } = fragments.next().value ?? {};
  for await (const part of contents) {
    for (let done = 0; done < part.length;) {
      while (length === 0) ({ offset = 0, length = Infinity } = fragments.next().value ?? {});
      const piece = part.subarray(done, done + length);
      await writeAll(file, piece, start + offset);
      done += piece.length;
      offset += piece.length;
      length -= piece.length;
    }
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < bytes.byteLength;) {
    const { bytesWritten } = await file.write(
      bytes,
      written,
      bytes.byteLength - written,
      position + written,
    );
    written += bytesWritten;
  }
}
