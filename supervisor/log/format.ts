/**
 * The text of log files: `2026-01-31T12:00:00.000Z what was written`, one line each. Pure; times are
 * milliseconds since the epoch.
 */
import type { HistoryEntry, UnitStream } from '../control/api.ts';
import { mergeByTime } from './merge-by-time.ts';

const STREAMS = ['stdout', 'stderr', 'syslog'] as const satisfies readonly UnitStream[];

export interface FileLine {
  readonly wallMs: number;
  readonly text: string;
}

export function renderLines(wallMs: number, texts: readonly string[]): string[] {
  const timestamp = new Date(wallMs).toISOString();
  return texts.map((text) => `${timestamp} ${text}\n`);
}

/** The same as one text; `texts` must not be empty. Half the work where there are many. */
export function renderText(wallMs: number, texts: readonly string[]): string {
  const timestamp = new Date(wallMs).toISOString();
  return `${timestamp} ${texts.join(`\n${timestamp} `)}\n`;
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

/** A unit's files in the order of their times, each in its own order; with which was which. */
export function mergeLines(
  files: Readonly<Partial<Record<UnitStream, readonly FileLine[]>>>,
): (FileLine & { readonly from: UnitStream })[] {
  const lists = STREAMS.map((from) => (files[from] ?? []).map((line) => ({ ...line, from })));
  return [...mergeByTime(lists, ({ wallMs }) => wallMs)];
}
