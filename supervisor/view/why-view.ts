/** Why a unit is as it is, as lines. Pure. */
import type { HealthReport, HistoryEntry, LogLine, UnitStatus } from '../control/api.ts';
import { eventLines, logLines } from './event-view.ts';
import { printable, printableLines } from './printable.ts';
import { wrapped } from './status-view.ts';
import { durationText, instantText } from './time-text.ts';

export interface WhyFacts {
  readonly unit: UnitStatus;
  readonly health: HealthReport | undefined;
  /** Of this unit, oldest first. */
  readonly events: readonly HistoryEntry[];
  readonly logs: readonly LogLine[];
}

const INDENT = '  ';

export function whyLines(
  { unit, health, events, logs }: WhyFacts,
  nowMs: number,
  width: number,
): readonly string[] {
  const since = unit.state === 'waiting' ? '' : ` for ${durationText(nowMs - unit.sinceMs)}`;
  const { lastExit } = unit;
  return [
    `${printable(unit.name)} is ${unit.state}${since}`,
    ...wrapped(`reason: ${oneLine(unit.reason)}`, width, INDENT),
    ...(lastExit === undefined
      ? [`${INDENT}it has not ended yet`]
      : wrapped(
          `last end: ${oneLine(lastExit.text)} at ${instantText(lastExit.atMs)}`,
          width,
          INDENT,
        )),
    `${INDENT}restarts: ${unit.restarts}`,
    ...(health === undefined ? [] : healthLines(health, width)),
    ...section('what has happened to it', events.flatMap(eventLines)),
    ...section('what it has written last', logs.flatMap(logLines)),
  ];
}

function healthLines(
  { status, failuresInRow, results }: HealthReport,
  width: number,
): readonly string[] {
  const failures = failuresInRow === 0 ? '' : `, ${failuresInRow} failures in a row`;
  return [
    `${INDENT}health: ${status}${failures}`,
    ...results.flatMap(({ atMs, tookMs, passed, output }) => {
      const said = oneLine(output);
      const verdict = `${passed ? 'passed' : 'failed'} in ${Math.round(tookMs)} ms`;
      const text = `${instantText(atMs)} ${verdict}${said === '' ? '' : `: ${said}`}`;
      return wrapped(text, width, INDENT.repeat(2));
    }),
  ];
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => INDENT + line)];
}

function oneLine(text: string): string {
  return printableLines(text).join(' ');
}
