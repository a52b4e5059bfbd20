/** What happened on the machine as a log file: everything so far, then each entry as it comes. */
import type { History } from '../history.ts';
import { renderEntry } from './format.ts';
import { LOG_DIR, LogFile } from './log-file.ts';

/** `nowMs` is the clock of the entries. Can be called as soon as there is a /run. */
export function writeHistory(
  history: History,
  nowMs: () => number,
  file: LogFile = new LogFile(`${LOG_DIR}/ishmael.log`),
): void {
  // Asked again for each entry: the clock may have been set meanwhile.
  const wallMs = (atMs: number): number => Date.now() - nowMs() + atMs;
  const known = history.recent(Number.MAX_SAFE_INTEGER);
  file.append(known.flatMap((entry) => renderEntry(wallMs(entry.atMs), entry)));
  history.follow((entry) => file.append(renderEntry(wallMs(entry.atMs), entry)));
}
