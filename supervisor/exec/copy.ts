/**
 * A copy from a container or into it, by this process itself: it goes into the root that the container's first
 * process sees and does not come back, so that no symbolic link there leads anywhere else. No program of the container
 * is needed, nor a shell.
 */
import { readFileSync } from 'node:fs';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { errnoCode, errorMessage } from '../../sys/errno.ts';
import type { Exit } from '../../sys/exit.ts';
import type { Sys } from '../../sys/sys.ts';
import { CopyError } from '../copy/copy-error.ts';
import { pack } from '../copy/pack.ts';
import { unpack } from '../copy/unpack.ts';
import type { Command } from './command.ts';
import type { CopyRequest } from './exec-shapes.ts';

/** Its standard error has a sentence for each thing that was left out, and why it failed; then it ends with 1. */
export function startCopy(sys: Pick<Sys, 'chroot'>, pid: number, request: CopyRequest): Command {
  const [input, archive, told] = [new PassThrough(), new PassThrough(), new PassThrough()];
  for (const stream of [input, archive, told]) stream.on('error', () => {});
  const tell = (text: string): void => void (told.destroyed || told.write(`${text}\n`));
  return {
    pid: undefined,
    input,
    outputs: [
      { name: 'stdout', stream: archive },
      { name: 'stderr', stream: told },
    ],
    exit: copy(sys, pid, request, { input, archive, tell }).finally(() => {
      archive.end();
      told.end();
    }),
    resize() {},
  };
}

interface Streams {
  readonly input: PassThrough;
  readonly archive: PassThrough;
  readonly tell: (text: string) => void;
}

async function copy(
  sys: Pick<Sys, 'chroot'>,
  pid: number,
  { copy: direction, path, follow = false, isDirectory = false }: CopyRequest,
  { input, archive, tell }: Streams,
): Promise<Exit> {
  try {
    const owner = enter(sys, pid);
    if (direction === 'from') {
      const packed = pack(path, { follow, onLeftOut: tell });
      await pipeline(Readable.from(packed), archive, { end: false });
    } else {
      await unpack(input, path, { isDirectory, owner, modes: 0o7777, onLeftOut: tell });
    }
    return { kind: 'exited', code: 0 };
  } catch (error) {
    tell(errorMessage(error));
    return { kind: 'exited', code: 1 };
  }
}

/** Returns who owns what is made there. */
function enter(sys: Pick<Sys, 'chroot'>, pid: number): ReturnType<typeof rootOf> {
  try {
    const owner = rootOf(pid);
    sys.chroot(`/proc/${pid}/root`);
    process.chdir('/');
    return owner;
  } catch (error) {
    if (errnoCode(error) !== 'ENOENT' && errnoCode(error) !== 'ESRCH') throw error;
    throw new CopyError('The container has ended', { cause: error });
  }
}

/** Who is root in the container: with a user namespace of its own, another user outside (user_namespaces(7)). */
function rootOf(pid: number): { readonly uid: number; readonly gid: number } {
  const [uid, gid] = ['uid_map', 'gid_map'].map((name) => {
    const lines = readFileSync(`/proc/${pid}/${name}`, 'utf8').trim().split('\n');
    const words = lines.map((line) => line.trim().split(/\s+/).map(Number));
    return words.find(([inside]) => inside === 0)?.[1] ?? 0;
  });
  return { uid: uid ?? 0, gid: gid ?? 0 };
}
