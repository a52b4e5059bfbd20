/**
 * What a kernel has left in pstore when it crashed (pstore.rst, Documentation/ABI/testing/pstore): one file
 * or more for each dump, each with a line `Panic#1 Part1` before the newest lines of the kernel's log, in
 * syslog form (`<0>[   12.345678] text`). Part 1 is the last in time. Pure.
 */
import type { CrashReport } from '../control/api.ts';

/** A file as pstore had it. */
export interface PstoreFile {
  readonly name: string;
  readonly text: string;
  /** When the record was made, by the clock of the machine; 0 where the backend does not know. */
  readonly mtimeMs: number;
}

/** What the API hands out; the whole is in the saved files. */
const MAX_LINES = 200;

/**
 * Records that a kernel makes of one crash come within seconds. What is older is of another run: of one that
 * crashed before it could take its predecessor's records over, and counted its dumps from 1 too.
 */
const ONE_CRASH_MS = 60_000;

const HEADER = /^(\w+)#(\d+) Part(\d+)$/;

interface Dump {
  readonly reason: string;
  readonly number: number;
  readonly parts: readonly (PstoreFile & { readonly part: number })[];
}

/** The newest crash of which there are records; `undefined` when no file tells of one. */
export function describeCrash(
  files: readonly PstoreFile[],
): Omit<CrashReport, 'files'> | undefined {
  const dump = newestDump(files);
  if (dump === undefined) return undefined;
  const lines = [...dump.parts]
    .sort((a, b) => b.part - a.part)
    .flatMap(({ text }) => text.trimEnd().split('\n').slice(1))
    .map(withoutPriority);
  const kind = KINDS[dump.reason] ?? 'other';
  const atMs = Math.max(...dump.parts.map(({ mtimeMs }) => mtimeMs));
  return {
    kind,
    summary: summaryOf(lines) ?? dump.reason,
    ...(atMs > 0 ? { time: new Date(atMs).toISOString() } : {}),
    lines: lines.slice(-MAX_LINES),
  };
}

const KINDS: Readonly<Record<string, CrashReport['kind']>> = { Panic: 'panic', Oops: 'oops' };

/** `the machine's last run ended in a kernel panic: sysrq triggered crash` */
export function crashSentence({ kind, summary }: Pick<CrashReport, 'kind' | 'summary'>): string {
  return `the machine's last run ended in ${WORDS[kind]}: ${summary}`;
}

const WORDS: Readonly<Record<CrashReport['kind'], string>> = {
  panic: 'a kernel panic',
  oops: 'an oops of the kernel',
  other: 'a crash of the kernel',
};

/** Dumps are counted within one run of a kernel, so that the oops comes before the panic it ends in. */
function newestDump(files: readonly PstoreFile[]): Dump | undefined {
  const headed = files.flatMap((file) => {
    const match = HEADER.exec(file.text.slice(0, file.text.indexOf('\n')));
    return match === null ? [] : [{ file, match }];
  });
  const newestMs = Math.max(0, ...headed.map(({ file }) => file.mtimeMs));
  const dumps = new Map<string, Dump>();
  for (const { file, match } of headed) {
    if (file.mtimeMs < newestMs - ONE_CRASH_MS) continue;
    const [key, reason = '', number, part] = match;
    const id = key.slice(0, key.indexOf(' '));
    const parts = [...(dumps.get(id)?.parts ?? []), { ...file, part: Number(part) }];
    dumps.set(id, { reason, number: Number(number), parts });
  }
  return [...dumps.values()].sort((a, b) => a.number - b.number).at(-1);
}

/** `<0>[   12.345678] text` → `[   12.345678] text` */
function withoutPriority(line: string): string {
  return line.replace(/^<\d+>/, '');
}

const PANIC = /Kernel panic - not syncing: (.+)/;

/** What an oops begins with, the most telling first. */
const OOPS: readonly RegExp[] = [
  /((?:kernel )?BUG(?: at|:) .+)/,
  /(general protection fault.*|Unable to handle .+|Oops: .+)/,
];

function summaryOf(lines: readonly string[]): string | undefined {
  const texts = lines.map((line) => line.replace(TIME_AND_CALLER, '').trim());
  const first = (pattern: RegExp): string | undefined =>
    texts.map((text) => pattern.exec(text)?.[1]).find((reason) => reason !== undefined);
  const panic = first(PANIC);
  // `Fatal exception` says only that there was an oops.
  if (panic !== undefined && !panic.startsWith('Fatal exception')) return panic;
  const oops = OOPS.map(first).find((reason) => reason !== undefined);
  return oops ?? panic ?? texts.findLast((text) => text !== '' && !text.startsWith('---['));
}

/** `[   12.345678] ` or, with CONFIG_PRINTK_CALLER, `[   12.345678][    T1] `. */
const TIME_AND_CALLER = /^\[ *\d+\.\d+\](?:\[ *[TC]\d+\])? ?/;
