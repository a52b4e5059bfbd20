/** The runtime's log as a file: what log.ts reads, taken from the disk. */
import { readFileSync, rmSync } from 'node:fs';
import { lastErrorText } from './log.ts';

/** Reads and empties the log: the runtimes append, and an old error must not explain a new failure. */
export function takeLog(file: string): string | undefined {
  try {
    const text = readFileSync(file, 'utf8');
    rmSync(file, { force: true });
    return lastErrorText(text);
  } catch {
    // Killed before it opened its log. The caller has the exit to report.
    return undefined;
  }
}
