/**
 * Files as a tar archive, read where this process is: on the host, or inside of a container's root. What is
 * neither file, directory nor symbolic link is left out, and so is what the kernel makes up below a directory (/proc,
 * /sys): a copy of them would mean nothing, and some of them never end.
 */
import { constants, type Stats } from 'node:fs';
import {
  type FileHandle,
  lstat,
  open,
  readdir,
  readlink,
  realpath,
  statfs,
} from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { errnoCode } from '../../sys/errno.ts';
import { encodeEntry, END_OF_ARCHIVE, padding } from '../tar/encode-entry.ts';
import { CopyError } from './copy-error.ts';

export interface PackOptions {
  /** What a symbolic link at `path` itself points to, and not the link. */
  readonly follow: boolean;
  /** Called for each thing that is left out, with a sentence. */
  readonly onLeftOut: (why: string) => void;
}

/**
 * The archive of `path`, whose entries begin with its last name, or with `.` where it has none (`/`, `/srv/.`).
 * Throws `CopyError` when there is nothing, and errno errors.
 */
export async function* pack(path: string, options: PackOptions): AsyncGenerator<Uint8Array> {
  const start = options.follow ? await real(path) : path;
  const stat = await lstat(start).catch((error: unknown) => {
    throw absent(path, error);
  });
  const top = basename(resolve('/', path));
  const isUnnamed = top === '' || /(?:^|\/)\.{1,2}\/*$/.test(path);
  yield* packEntry(start, isUnnamed ? '.' : top, stat, options);
  yield END_OF_ARCHIVE;
}

async function real(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    throw absent(path, error);
  }
}

function absent(path: string, error: unknown): unknown {
  return errnoCode(error) === 'ENOENT' || errnoCode(error) === 'ENOTDIR'
    ? new CopyError(`"${path}" does not exist`)
    : error;
}

async function* packEntry(
  path: string,
  name: string,
  stat: Stats,
  options: PackOptions,
): AsyncGenerator<Uint8Array> {
  if (stat.isDirectory()) yield* packDirectory(path, name, stat, options);
  else if (stat.isFile()) yield* packFile(path, name, options);
  else if (stat.isSymbolicLink())
    yield encodeEntry({ ...headerOf(name, stat, '2'), linkname: await readlink(path) });
  else options.onLeftOut(`"${path}" is left out: it is neither file, directory nor symbolic link`);
}

async function* packDirectory(
  path: string,
  name: string,
  stat: Stats,
  options: PackOptions,
): AsyncGenerator<Uint8Array> {
  yield encodeEntry(headerOf(`${name}/`, stat, '5'));
  const names = await readdir(path);
  for (const inner of names.toSorted()) {
    const innerPath = join(path, inner);
    const innerStat = await lstat(innerPath).catch((error: unknown) => {
      if (errnoCode(error) !== 'ENOENT') throw error;
      return undefined;
    });
    if (innerStat === undefined) {
      options.onLeftOut(`"${innerPath}" is left out: it has gone meanwhile`);
    } else if (innerStat.dev !== stat.dev && (await isMadeUp(innerPath))) {
      options.onLeftOut(`"${innerPath}" is left out: it is the kernel's, not a disk's`);
    } else {
      yield* packEntry(innerPath, `${name}/${inner}`, innerStat, options);
    }
  }
}

/** include/uapi/linux/magic.h: proc, sysfs, cgroup2, devpts, debugfs, tracefs, securityfs, bpf. */
const MADE_UP: readonly number[] = [
  0x9fa0, 0x62656572, 0x63677270, 0x1cd1, 0x64626720, 0x74726163, 0x73636673, 0xcafe4a11,
];

async function isMadeUp(path: string): Promise<boolean> {
  const { type } = await statfs(path);
  return MADE_UP.includes(type);
}

/** Files up to this size are read before their header is written: those of /proc have size 0, those of /sys 4096. */
const SMALL = 1024 * 1024;
const CHUNK = 256 * 1024;
/** A FIFO in the place of the file would wait for a writer. */
const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

async function* packFile(
  path: string,
  name: string,
  options: PackOptions,
): AsyncGenerator<Uint8Array> {
  const handle = await open(path, READ);
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw new CopyError(`"${path}" has become something else`);
    if (stat.size <= SMALL) {
      const bytes = await readUpTo(handle, 4 * SMALL);
      yield encodeEntry({ ...headerOf(name, stat, '0'), size: bytes.length });
      yield bytes;
      yield padding(bytes.length);
    } else {
      yield encodeEntry({ ...headerOf(name, stat, '0'), size: stat.size });
      yield* exactly(handle, stat.size, () =>
        options.onLeftOut(`"${path}" has become shorter meanwhile: its end is zeros`),
      );
      yield padding(stat.size);
    }
  } finally {
    await handle.close();
  }
}

/** Where it grows all the time, so much of it. */
async function readUpTo(handle: FileHandle, limit: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  while (length < limit) {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(CHUNK));
    if (bytesRead === 0) break;
    parts.push(buffer.subarray(0, bytesRead));
    length += bytesRead;
  }
  return Buffer.concat(parts).subarray(0, limit);
}

/** As the header has promised, whatever becomes of the file meanwhile. */
async function* exactly(
  handle: FileHandle,
  size: number,
  onShort: () => void,
): AsyncGenerator<Uint8Array> {
  let left = size;
  let isShort = false;
  while (left > 0) {
    const buffer = Buffer.alloc(Math.min(CHUNK, left));
    const { bytesRead } = isShort ? { bytesRead: 0 } : await handle.read(buffer);
    if (bytesRead === 0 && !isShort) {
      isShort = true;
      onShort();
    }
    const part = isShort ? buffer : buffer.subarray(0, bytesRead);
    left -= part.length;
    yield part;
  }
}

function headerOf(
  name: string,
  { mode, uid, gid, mtimeMs }: Stats,
  type: string,
): Parameters<typeof encodeEntry>[0] {
  return {
    name,
    type,
    mode: mode & 0o7777,
    uid,
    gid,
    size: 0,
    mtime: Math.max(0, Math.floor(mtimeMs / 1000)),
    linkname: '',
    major: 0,
    minor: 0,
  };
}
