/** Events and log lines as lines on the screen. Pure. */
import type { CrashReport, HistoryEntry, LogLine } from '../control/api.ts';
import { crashSentence } from '../inspect/crash-record.ts';
import { severityOf, WARNING } from '../log/priority.ts';
import { printableLines } from './printable.ts';
import { instantText } from './time-text.ts';

/**
 * `[   12.345] redis: running (pid 87)`, with `warning: ` or `error: ` before the text where it is one;
 * further lines of the text are indented under the first.
 */
export function eventLines(entry: HistoryEntry): readonly string[] {
  const [first = '', ...rest] = printableLines(entry.text);
  const weight = entry.severity === 'info' ? '' : `${entry.severity}: `;
  const head = `${instantText(entry.atMs)} ${entry.unit}: ${weight}${first}`;
  return [head, ...rest.map((line) => `${' '.repeat(12)}${line}`)];
}

/** `[   12.345] text`, and `!` for what went to stderr or calls itself a warning or worse. */
export function logLines(line: LogLine): readonly string[] {
  const mark = line.stream === 'stderr' || isGrave(line.priority) ? '!' : ' ';
  return [`${instantText(line.atMs)}${mark}${printableLines(line.text)[0] ?? ''}`];
}

function isGrave(priority: number | undefined): boolean {
  return priority !== undefined && severityOf(priority) <= WARNING;
}

/** The kernel's last words, and where there is more of them. */
export function crashLines(crash: CrashReport): readonly string[] {
  return [
    ...crash.lines.flatMap((line) => printableLines(line)),
    '',
    ...printableLines(crashSentence(crash)),
    ...crash.files.flatMap((file) => printableLines(file)),
  ];
}
