/**
 * `boot`: what the boot has spent its time on, as a table with a picture, and which steps it waited for one
 * after another. Pure.
 */
import type { BootPhaseReport, BootReport, UnitStatus } from '../control/api.ts';
import { printable, printableLines } from './printable.ts';
import { wrapped } from './status-view.ts';

export interface BootRow {
  readonly name: string;
  readonly startMs: number;
  /** The same as `startMs` for what is an instant. */
  readonly endMs: number;
  /** Why it failed, or what else is to be known. */
  readonly note?: string;
}

const NAME_COLUMNS = 24;
/** Two times, the gaps, and the last column, which stays free. */
const TIME_COLUMNS = 20;
const LEAST_PLOT = 20;
const MOST_PLOT = 100;
/** Shorter steps are a column of no width; their number is told. */
const SHARE_SHOWN = 0.01;

/** @param all shows each step, however short */
export function bootLines(
  boot: BootReport,
  units: readonly UnitStatus[],
  { width, all }: { readonly width: number; readonly all: boolean },
): readonly string[] {
  const endMs = endOf(boot);
  if (endMs === 0) return ['PID 1 has no report of a boot.'];
  const rows = [
    ...milestoneRows(boot),
    ...boot.phases.flatMap((phase) => phaseRows(phase, all ? 0 : endMs * SHARE_SHOWN)),
    ...unitRows(units, endMs),
  ];
  const plot = Math.max(LEAST_PLOT, Math.min(MOST_PLOT, width - NAME_COLUMNS - TIME_COLUMNS));
  return [
    headLine(endMs, plot, boot.milestones['settled'] === undefined),
    ...rows.flatMap((row) => rowLines(row, endMs, plot, width)),
    ...pathLines(boot, units),
  ];
}

/** When the boot was over, or what is known of it so far. */
function endOf({ milestones, phases }: BootReport): number {
  const ends = phases.flatMap(({ steps }) => steps.map((step) => step.endMs));
  return milestones['settled'] ?? Math.max(0, ...Object.values(milestones), ...ends);
}

function milestoneRows({ milestones: { exec, script } }: BootReport): readonly BootRow[] {
  if (exec === undefined) return [];
  const kernel = { name: 'kernel', startMs: 0, endMs: exec };
  return script === undefined
    ? [kernel]
    : [kernel, { name: 'start of PID 1', startMs: exec, endMs: script }];
}

function phaseRows({ name, steps }: BootPhaseReport, shownMs: number): readonly BootRow[] {
  const [first] = steps;
  if (first === undefined) return [];
  const endMs = Math.max(...steps.map((step) => step.endMs));
  const shown = steps.filter((step) => {
    return step.outcome === 'failed' || step.endMs - step.startMs >= shownMs;
  });
  const rows = shown.map((step) => ({
    name: `  ${printable(step.name)}`,
    startMs: step.startMs,
    endMs: step.endMs,
    ...(step.outcome === 'ok'
      ? {}
      : { note: `${step.outcome}: ${printableLines(step.detail ?? '').join(' ')}` }),
  }));
  const others = steps.length - shown.length;
  const note = others === 0 ? {} : { note: `${others} shorter ${others === 1 ? 'step' : 'steps'}` };
  return [{ name, startMs: first.startMs, endMs, ...(rows.length === 0 ? {} : note) }, ...rows];
}

/** When each task ended and each service was up; later starts than the first say nothing of the boot. */
function unitRows(units: readonly UnitStatus[], endMs: number): readonly BootRow[] {
  const rows = units.flatMap((unit): readonly BootRow[] => {
    const atMs = firstUpMs(unit);
    if (unit.kind === 'system' || unit.kind === 'onshutdown') return [];
    const name = printable(unit.name);
    if (atMs !== undefined && atMs <= endMs) return [{ name, startMs: atMs, endMs: atMs }];
    const note = unit.restarts > 0 ? startedAgain(unit.restarts) : unit.state;
    return [{ name, startMs: endMs, endMs, note: atMs === undefined ? note : 'up later' }];
  });
  return rows.toSorted((a, b) => a.startMs - b.startMs);
}

function startedAgain(times: number): string {
  return times === 1 ? 'started again' : `started again ${times} times`;
}

function firstUpMs(unit: UnitStatus): number | undefined {
  if (unit.restarts > 0) return undefined;
  if (unit.kind === 'onboot') return unit.lastExit?.atMs;
  return unit.state === 'running' ? unit.sinceMs : undefined;
}

function headLine(endMs: number, plot: number, goesOn: boolean): string {
  const end = `${seconds(endMs)} s${goesOn ? ' so far' : ''}`;
  const scale = `0 s${end.padStart(plot - 3)}`;
  return `${'NAME'.padEnd(NAME_COLUMNS)}${'FROM'.padStart(8)} ${'TOOK'.padStart(8)}  ${scale}`;
}

function rowLines(row: BootRow, endMs: number, plot: number, width: number): readonly string[] {
  const { name, startMs } = row;
  const took = row.endMs > startMs ? seconds(row.endMs - startMs) : '';
  const column = (ms: number): number => Math.min(plot - 1, Math.floor((ms / endMs) * plot));
  const from = column(startMs);
  const bar = took === '' ? '*' : '#'.repeat(Math.max(1, column(row.endMs) - from));
  const head = `${cut(name, NAME_COLUMNS - 1).padEnd(NAME_COLUMNS)}${seconds(startMs).padStart(8)}`;
  const line = `${head} ${took.padStart(8)}  ${' '.repeat(from)}${bar}`;
  return row.note === undefined ? [line] : [line, ...wrapped(row.note, width, '      ')];
}

/** What came one after another until the last service was up: where time can be won. */
function pathLines(boot: BootReport, units: readonly UnitStatus[]): readonly string[] {
  const { exec, script, settled } = boot.milestones;
  const tasks = units.flatMap((unit) =>
    unit.kind === 'onboot' && unit.lastExit !== undefined
      ? [{ name: `onboot task ${printable(unit.id)}`, atMs: unit.lastExit.atMs }]
      : [],
  );
  const last = units
    .flatMap((unit) => {
      const atMs = unit.kind === 'service' ? firstUpMs(unit) : undefined;
      const name = `${printable(unit.name)}, the last service to be up`;
      return atMs === undefined || atMs > (settled ?? atMs) ? [] : [{ name, atMs }];
    })
    .toSorted((a, b) => b.atMs - a.atMs)
    .slice(0, 1);
  const links = [
    ...(exec === undefined ? [] : [{ name: 'kernel', atMs: exec }]),
    ...(script === undefined ? [] : [{ name: 'start of PID 1', atMs: script }]),
    ...boot.phases.flatMap(({ name, steps }) =>
      steps.length === 0 ? [] : [{ name, atMs: Math.max(...steps.map((step) => step.endMs)) }],
    ),
    ...tasks,
    ...last,
  ].toSorted((a, b) => a.atMs - b.atMs);
  let previousMs = 0;
  const lines = links.map(({ name, atMs }) => {
    const line = `  +${seconds(atMs - previousMs).padStart(8)}  ${name}`;
    previousMs = atMs;
    return line;
  });
  return ['What it waited for, one after another:', ...lines];
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

function cut(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, columns - 1)}~`;
}
