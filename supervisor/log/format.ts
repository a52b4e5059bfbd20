/**
 * The text of log files: `2026-01-31T12:00:00.000Z what was written`, one line each. Pure; times are
 * milliseconds since the epoch.
 */
import type { HistoryEntry } from '../control/api.ts';

export interface FileLine {
  readonly wallMs: number;
  readonly text: string;
}

export function renderLines(wallMs: number, texts: readonly string[]): string[] {
  const timestamp = new Date(wallMs).toISOString();
  return texts.map((text) => `${timestamp} ${text}\n`);
}

/** An entry of more than one line (a stack trace) keeps its head on each of them. */
export function renderEntry(wallMs: number, { severity, unit, text }: HistoryEntry): string[] {
  const lines = text.split('\n').map((line) => `${severity} ${unit}: ${line}`);
  return renderLines(wallMs, lines);
}

/** The lines of a file's text; what has no timestamp, such as a line whose head was cut off, is left out. */
export function parseLines(text: string): FileLine[] {
  return text.split('\n').flatMap((line) => {
    const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (.*)$/s.exec(line);
    const [, timestamp = '', rest = ''] = match ?? [];
    const wallMs = Date.parse(timestamp);
    return Number.isNaN(wallMs) ? [] : [{ wallMs, text: rest }];
  });
}

/**
 * The lines of both files in the order of their times, except that each file keeps its own order: where
 * the clock was set back, what a program wrote last is still what comes last.
 */
export function mergeLines(
  files: Readonly<Record<'stdout' | 'stderr', readonly FileLine[]>>,
): (FileLine & { readonly from: 'stdout' | 'stderr' })[] {
  const merged: (FileLine & { readonly from: 'stdout' | 'stderr' })[] = [];
  const { stdout, stderr } = files;
  for (let out = 0, err = 0; out < stdout.length || err < stderr.length;) {
    const nextOut = stdout[out];
    const nextErr = stderr[err];
    if (nextOut !== undefined && (nextErr === undefined || nextOut.wallMs <= nextErr.wallMs)) {
      merged.push({ ...nextOut, from: 'stdout' });
      out += 1;
    } else if (nextErr !== undefined) {
      merged.push({ ...nextErr, from: 'stderr' });
      err += 1;
    }
  }
  return merged;
}
