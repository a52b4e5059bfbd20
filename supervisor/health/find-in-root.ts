/**
 * A file of a container, by the path that the container has for it. A link in there may name anything, and
 * means something inside; so the path is walked name by name, each opened below the directory that was
 * opened before (O_PATH opens no device and wakes up nobody), and `..` stops at the container's root.
 */
import { constants, type Stats } from 'node:fs';
import { type FileHandle, open, readlink } from 'node:fs/promises';
import { SysError } from '../../sys/errno.ts';

/** open(2), include/uapi/asm-generic/fcntl.h; Node has no name for it. */
const O_PATH = 0o10000000;
/** As many as the kernel follows (MAXSYMLINKS). */
const MOST_LINKS = 40;

/** Throws the errno error that stat(2) would in the container. @param root such as `/proc/71/root` */
export async function findInRoot(root: string, path: string): Promise<Stats> {
  const opened: FileHandle[] = [await open(root, O_PATH | constants.O_DIRECTORY)];
  const names = path.split('/');
  try {
    for (let links = 0; ;) {
      const name = names.shift();
      if (name === undefined) break;
      if (name === '' || name === '.') continue;
      if (name === '..') {
        if (opened.length > 1) await opened.pop()?.close();
        continue;
      }
      const link = await step(opened, name);
      if (link === undefined) continue;
      links += 1;
      if (links > MOST_LINKS) throw new SysError('open', 'ELOOP', path);
      if (link.startsWith('/')) await closeAll(opened.splice(1));
      names.unshift(...link.split('/'));
    }
    const last = opened.at(-1);
    if (last === undefined) throw new SysError('open', 'ENOENT', path);
    return await last.stat();
  } finally {
    await closeAll(opened);
  }
}

/** Goes on to `name`, or returns where it leads when it is a link. */
async function step(opened: FileHandle[], name: string): Promise<string | undefined> {
  const below = `/proc/self/fd/${opened.at(-1)?.fd}/${name}`;
  const next = await open(below, O_PATH | constants.O_NOFOLLOW);
  opened.push(next);
  if (!(await next.stat()).isSymbolicLink()) return undefined;
  await opened.pop()?.close();
  return await readlink(below);
}

async function closeAll(handles: readonly FileHandle[]): Promise<void> {
  for (const handle of handles) await handle.close();
}
