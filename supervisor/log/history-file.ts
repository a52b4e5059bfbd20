/**
 * PID 1's own log: what happened on the machine as a file, everything so far and then each entry as it
 * comes, and its newest lines in memory, those of earlier generations included.
 */
import type { HistoryEntry } from '../control/api.ts';
import type { History } from '../history.ts';
import { parseLines, renderEntry } from './format.ts';
import { LOG_DIR, LogFile } from './log-file.ts';
import { priorityOf } from './priority.ts';
import { LogRing, RING_BYTES } from './ring.ts';

const DAEMON = 3;
const SEVERITIES: ReadonlyMap<string, number> = new Map([
  ['error', priorityOf(DAEMON, 3)],
  ['warning', priorityOf(DAEMON, 4)],
  ['info', priorityOf(DAEMON, 6)],
]);

/** `nowMs` is the clock of the entries. Can be called as soon as there is a /run. */
export function writeHistory(
  history: History,
  nowMs: () => number,
  file: LogFile = new LogFile(`${LOG_DIR}/ishmael.log`),
): LogRing {
  const ring = new LogRing();
  // Asked again for each entry: the clock may have been set meanwhile.
  const offsetMs = (): number => Date.now() - nowMs();
  const remember = (atMs: number, line: string): void => {
    const [severity = ''] = line.split(' ', 1);
    ring.add(atMs, 'ishmael', line, SEVERITIES.get(severity));
  };
  const write = (entries: readonly HistoryEntry[]): void => {
    const rendered = entries.map((entry) => renderEntry(offsetMs() + entry.atMs, entry));
    file.append(rendered.flat());
    rendered.forEach((lines, index) => {
      const atMs = entries[index]?.atMs ?? 0;
      for (const { text } of parseLines(lines.join(''))) remember(atMs, text);
    });
  };
  for (const { wallMs, text } of parseLines(file.tail(RING_BYTES))) {
    // The clock may have been set since: such a line is no older than the machine, nor of tomorrow.
    remember(Math.min(Math.max(0, wallMs - offsetMs()), nowMs()), text);
  }
  write(history.recent(Number.MAX_SAFE_INTEGER));
  history.follow((entry) => write([entry]));
  return ring;
}
