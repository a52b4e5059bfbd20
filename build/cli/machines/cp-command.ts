import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { errnoCode } from '../../../sys/errno.ts';
import { describeExit } from '../../../sys/exit.ts';
import { CopyError } from '../../../supervisor/copy/copy-error.ts';
import { pack } from '../../../supervisor/copy/pack.ts';
import { unpack } from '../../../supervisor/copy/unpack.ts';
import type { CopyRequest } from '../../../supervisor/exec/exec-shapes.ts';
import { openExec, type RunningExec } from '../../../supervisor/exec/open-exec.ts';
import { printable } from '../../../supervisor/view/printable.ts';
import { type Command, EXIT_OK } from '../command.ts';
import { startProgress } from '../progress.ts';
import { parseOptions, readPositionals } from '../parse-options.ts';
import { copyWords, type CopyWords } from './copy-words.ts';
import { note } from './screen.ts';
import { unitCalled } from './unit-called.ts';
import { type Guest, unitsOf, withGuest } from './with-guest.ts';

export const cpCommand: Command = {
  name: 'cp',
  summary: 'copy files to and from a service of a machine',
  usage: `Usage: ishmael cp NAME SERVICE:PATH DEST [options]
       ishmael cp NAME SOURCE SERVICE:PATH [options]

Copies a file or a directory, with all that is in it, from the container of a service that runs, or into it, through
its mounts as its program sees them. The container needs no shell for that and no tar. Into a directory that is there
it is copied under its own name, otherwise DEST becomes its name; SOURCE/. is what is in a directory without itself.

Modes and times are kept, symbolic links remain links. What is copied into a container belongs to its root, what
comes out of it to you, without setuid bits. Files replace those that are there at once, never half of them.
"-" is a tar archive on standard output or input; the one on standard input is unpacked into a directory.

  -L, --follow-link  when SOURCE is a symbolic link, what it points to
  --timeout SECONDS  how long a machine that boots may take to answer (default: 60)

Examples:
  ishmael cp redis redis:/var/lib/redis/dump.rdb .
  ishmael cp redis redis.conf redis:/etc/redis/
  ishmael cp redis redis:/var/lib/redis - | tar tv
`,
  completes: ['running', 'file'],
  async run(args) {
    const { values, positionals } = parseOptions(args, {
      'follow-link': { type: 'boolean', short: 'L', default: false },
      timeout: { type: 'string', default: '60' },
    });
    const wanted = ['the NAME of a machine', 'the SOURCE', 'the DEST'];
    const [name = '', source = '', target = ''] = readPositionals(positionals, wanted);
    const words = copyWords(source, target);
    const { transfer } = startProgress();
    let bytes = 0;
    const onBytes = (count: number): void => {
      bytes += count;
      transfer?.({ name: `${source} to ${target}`, bytes });
    };
    return withGuest(name, values.timeout, async (guest) => {
      try {
        const copy = words.direction === 'from' ? copyFrom : copyTo;
        await copy(guest, words, { follow: values['follow-link'], onBytes });
      } finally {
        transfer?.(undefined);
      }
      return EXIT_OK;
    });
  },
};

interface CopyTerms {
  readonly follow: boolean;
  /** Of the archive, as they pass. */
  readonly onBytes: (count: number) => void;
}

async function copyFrom(
  guest: Guest,
  words: CopyWords,
  { follow, onBytes }: CopyTerms,
): Promise<void> {
  const archive = new PassThrough();
  const request = { copy: 'from', path: words.guestPath, follow } as const;
  const copy = await begin(guest, words, request, (bytes) => {
    onBytes(bytes.length);
    return passOn(archive, bytes);
  });
  const sent = copy.end.then(
    () => void archive.end(),
    (error: Error) => {
      // Whoever reads it is to know why it is cut off.
      archive.destroy(error);
      throw error;
    },
  );
  sent.catch(() => {});
  try {
    if (words.hostPath === '-') await printArchive(archive);
    else await unpack(archive, words.hostPath, { ...OURS, onLeftOut: note });
  } catch (error) {
    copy.exec.leave();
    throw error;
  }
  await sent;
}

/** Without what would run as somebody else here. */
const OURS = { isDirectory: false, modes: 0o777 } as const;

async function printArchive(archive: Readable): Promise<void> {
  try {
    await pipeline(archive, process.stdout, { end: false });
  } catch (error) {
    // Its reader has seen enough.
    if (errnoCode(error) !== 'EPIPE') throw error;
  }
}

async function passOn(archive: PassThrough, bytes: Uint8Array): Promise<void> {
  if (archive.destroyed || archive.write(bytes)) return;
  await new Promise<void>((resolve) => {
    const go = (): void => {
      archive.off('drain', go).off('close', go);
      resolve();
    };
    archive.on('drain', go).on('close', go);
  });
}

async function copyTo(
  guest: Guest,
  words: CopyWords,
  { follow, onBytes }: CopyTerms,
): Promise<void> {
  const isArchive = words.hostPath === '-';
  const archive: AsyncIterable<Uint8Array> = isArchive
    ? process.stdin
    : pack(words.hostPath, { follow, onLeftOut: note });
  const request = { copy: 'to', path: words.guestPath, isDirectory: isArchive } as const;
  const copy = await begin(guest, words, request, () => {});
  let isOver = false;
  const ended = copy.end.finally(() => (isOver = true));
  ended.catch(() => {});
  try {
    for await (const chunk of archive) {
      // It has refused what came before.
      if (isOver) break;
      await copy.exec.write(chunk);
      onBytes(chunk.length);
    }
  } catch (error) {
    copy.exec.leave();
    throw error;
  }
  copy.exec.endInput();
  await ended;
}

interface Copy {
  readonly exec: RunningExec;
  /** Rejects with `CopyError`, which says why in the guest's words. */
  readonly end: Promise<void>;
}

async function begin(
  guest: Guest,
  { service }: CopyWords,
  request: CopyRequest,
  onArchive: (bytes: Uint8Array) => void | Promise<void>,
): Promise<Copy> {
  const { id } = unitCalled(await unitsOf(guest), service);
  const told = createTold((line) => note(`${service}: ${printable(line)}`));
  const exec = await openExec(guest.socketPath, id, request, {
    stdout: onArchive,
    stderr: told.take,
  });
  let isInterrupted = false;
  process.once('SIGINT', () => {
    isInterrupted = true;
    exec.leave();
  });
  const end = exec.end.then(
    (how) => {
      const last = told.last();
      if (how.kind === 'exited' && how.code === 0) {
        if (last !== undefined) note(`${service}: ${printable(last)}`);
        return undefined;
      }
      const why = how.kind === 'refused' ? how.message : (last ?? describeExit(how));
      throw new CopyError(`${service}: ${printable(why)}`);
    },
    (error: unknown) => {
      throw isInterrupted ? new CopyError('interrupted; what was not whole is not kept') : error;
    },
  );
  return { exec, end };
}

/** What a guest may write without a line's end, of which no more is kept. */
const LONGEST_LINE = 64 * 1024;

/** Lines as they come, but for the last, which may be the reason why it has failed. */
function createTold(onLine: (line: string) => void): {
  readonly take: (bytes: Uint8Array) => void;
  readonly last: () => string | undefined;
} {
  const decoder = new TextDecoder();
  let whole: string | undefined;
  let begun = '';
  return {
    take(bytes) {
      const [first = '', ...more] = decoder.decode(bytes, { stream: true }).split('\n');
      begun = `${begun}${first}`.slice(0, LONGEST_LINE);
      for (const next of more) {
        if (whole !== undefined) onLine(whole);
        whole = begun;
        begun = next;
      }
    },
    last: () => whole,
  };
}
