/**
 * A tar archive as files, written where this process is. Nothing is written outside of the place it is meant for,
 * whatever names and links the archive has: it may come from a container that nobody trusts.
 */
import { randomUUID } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import {
  chmod,
  copyFile,
  type FileHandle,
  lchown,
  link,
  lstat,
  lutimes,
  mkdir,
  open,
  rename as moveTo,
  rm,
  stat as follow,
  symlink,
  unlink,
} from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { errnoCode } from '../../sys/errno.ts';
import { decodeTar, type TarEntry } from '../tar/decode-tar.ts';
import type { TarHeader } from '../tar/tar-header.ts';
import { CopyError } from './copy-error.ts';
import { entryPath } from './entry-path.ts';

export interface UnpackOptions {
  /** `path` is a directory that is there, and the entries keep their names. */
  readonly isDirectory: boolean;
  /** Of all that is written; default: whoever this process is. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** The bits of modes that are kept. */
  readonly modes: number;
  readonly onLeftOut: (why: string) => void;
}

/**
 * As cp(1) has it: into `path` where that is a directory, otherwise as `path`. Throws `CopyError`, `TarError` and
 * errno errors; a file that is not whole is not left behind.
 */
export async function unpack(
  archive: AsyncIterable<Uint8Array>,
  path: string,
  options: UnpackOptions,
): Promise<void> {
  const { base, rename } = await placeOf(path, options.isDirectory);
  /** Those that are known to be directories; with a header where the archive has named them. */
  const directories = new Map<string, TarHeader | undefined>();
  for await (const entry of decodeTar(archive)) {
    const parts = entryPath(entry.header.name, rename);
    if (parts.length === 0) continue;
    const target = join(base, ...parts);
    await makeParents(base, parts.slice(0, -1), directories, options);
    if (entry.header.type === '5') {
      await makeDirectory(target, options);
      directories.set(target, entry.header);
    } else {
      const linked = entry.header.type === '1' ? entryPath(entry.header.linkname, rename) : [];
      await makeEntry(target, join(base, ...linked), entry, options);
    }
  }
  // Last, because a directory may forbid what is written into it, and changes when it is.
  for (const [directory, header] of [...directories].toReversed()) {
    if (header === undefined) continue;
    await chmod(directory, header.mode & options.modes);
    await lutimes(directory, header.mtime, header.mtime);
  }
}

interface Place {
  readonly base: string;
  /** What the first name of the archive becomes. */
  readonly rename?: string;
}

async function placeOf(path: string, isDirectory: boolean): Promise<Place> {
  const found = await statOf(path, follow);
  if (found?.isDirectory() === true) return { base: path };
  if (isDirectory || path.endsWith('/')) throw new CopyError(`"${path}" is no directory`);
  const whole = resolve('/', path);
  const base = dirname(path);
  const parent = await statOf(base, follow);
  if (parent?.isDirectory() !== true) throw new CopyError(`"${base}" is no directory`);
  return { base, rename: basename(whole) };
}

async function statOf(
  path: string,
  look: (path: string) => Promise<Stats>,
): Promise<Stats | undefined> {
  try {
    return await look(path);
  } catch (error) {
    if (errnoCode(error) === 'ENOENT' || errnoCode(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** Those the archive has not named, and none through a symbolic link, which the archive itself may have brought. */
async function makeParents(
  base: string,
  parts: readonly string[],
  directories: Map<string, TarHeader | undefined>,
  options: UnpackOptions,
): Promise<void> {
  for (let depth = 1; depth <= parts.length; depth += 1) {
    const directory = join(base, ...parts.slice(0, depth));
    if (directories.has(directory)) continue;
    await makeDirectory(directory, options);
    directories.set(directory, undefined);
  }
}

async function makeDirectory(path: string, { owner }: UnpackOptions): Promise<void> {
  const found = await statOf(path, lstat);
  if (found?.isDirectory() === true) return;
  if (found !== undefined) throw new CopyError(`"${path}" is no directory`);
  await mkdir(path, 0o755);
  if (owner !== undefined) await lchown(path, owner.uid, owner.gid);
}

async function makeEntry(
  target: string,
  linked: string,
  { header, map, contents }: TarEntry,
  options: UnpackOptions,
): Promise<void> {
  const found = await statOf(target, lstat);
  if (found?.isDirectory() === true) throw new CopyError(`"${target}" is a directory`);
  switch (header.type) {
    case '0':
    case '7':
    case 'S':
      await makeFile(target, { header, map, contents }, options);
      return;
    case '1':
      if (found !== undefined) await unlink(target);
      if ((await statOf(linked, lstat))?.isFile() !== true)
        throw new CopyError(`"${target}" is a link to "${linked}", which is no file`);
      await link(linked, target);
      return;
    case '2':
      if (found !== undefined) await unlink(target);
      await symlink(header.linkname, target);
      if (options.owner !== undefined) await lchown(target, options.owner.uid, options.owner.gid);
      await lutimes(target, header.mtime, header.mtime);
      return;
    default:
      options.onLeftOut(`"${target}" is left out: it is neither file, directory nor symbolic link`);
  }
}

const REPLACE = constants.O_WRONLY | constants.O_TRUNC | constants.O_NOFOLLOW;
const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** Beside its place and then renamed: nobody sees half of it. */
async function makeFile(
  target: string,
  file: Pick<TarEntry, 'header' | 'map' | 'contents'>,
  options: UnpackOptions,
): Promise<void> {
  const beside = join(dirname(target), `.${randomUUID()}`);
  const handle = await openBeside(beside);
  if (handle === undefined) {
    // What is mounted in a root that cannot be written: only the file itself can.
    await writeAll(await open(target, REPLACE), file, options);
    return;
  }
  try {
    await writeAll(handle, file, options);
    await putInPlace(beside, target);
  } finally {
    await rm(beside, { force: true });
  }
}

async function openBeside(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, CREATE, 0o600);
  } catch (error) {
    if (errnoCode(error) === 'EROFS') return undefined;
    throw error;
  }
}

async function writeAll(
  handle: FileHandle,
  file: Pick<TarEntry, 'header' | 'map' | 'contents'>,
  { owner, modes }: UnpackOptions,
): Promise<void> {
  try {
    await fill(handle, file);
    if (owner !== undefined) await handle.chown(owner.uid, owner.gid);
    await handle.chmod(file.header.mode & modes);
    await handle.utimes(file.header.mtime, file.header.mtime);
  } finally {
    await handle.close();
  }
}

async function fill(
  handle: FileHandle,
  { map, contents }: Pick<TarEntry, 'map' | 'contents'>,
): Promise<void> {
  const fragments = [...map.fragments];
  let { offset, length: left } = fragments.shift() ?? { offset: 0, length: 0 };
  for await (const part of contents) {
    for (let rest: Buffer = part; rest.length > 0;) {
      while (left === 0)
        ({ offset, length: left } = fragments.shift() ?? { offset, length: rest.length });
      const { bytesWritten } = await handle.write(rest, 0, Math.min(left, rest.length), offset);
      rest = rest.subarray(bytesWritten);
      offset += bytesWritten;
      left -= bytesWritten;
    }
  }
  await handle.truncate(map.realSize);
}

/** What is mounted there by itself, as /etc/resolv.conf of a container may be, cannot be replaced, only written. */
async function putInPlace(beside: string, target: string): Promise<void> {
  try {
    await moveTo(beside, target);
  } catch (error) {
    if (errnoCode(error) !== 'EBUSY') throw error;
    await copyFile(beside, target);
  }
}
