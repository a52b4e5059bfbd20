/** `status` and `status NAME`: what PID 1 says about its units, as lines. Pure. */
import type { ExitReport, MachineInfo, UnitStatus } from '../control/api.ts';
import { printable, printableLines } from './printable.ts';
import { type Style, styleOfUnit } from './style.ts';
import { durationText, instantText } from './time-text.ts';

const HEAD: readonly string[] = ['NAME', 'KIND', 'STATE', 'PID', 'RESTARTS', 'SINCE', 'REASON'];
const GAP = '  ';

/** `up 1m 12s, 203 of 463 MiB of memory used, 11 of them by PID 1` */
export function machineLine({ uptimeMs, memory, init }: MachineInfo): string {
  const mebibytes = (kibibytes: number): number => Math.round(kibibytes / 1024);
  const used = mebibytes(memory.totalKiB - memory.availableKiB);
  const total = mebibytes(memory.totalKiB);
  const own = mebibytes(init.rssAnonKiB);
  return `up ${durationText(uptimeMs)}, ${used} of ${total} MiB of memory used, ${own} of them by PID 1`;
}

/** A row of the table, with the lines of its reason. */
export interface StatusRow {
  readonly lines: readonly string[];
  readonly style: Style | undefined;
}

/**
 * A table of the units, `width` columns wide, its head first. A reason that does not fit beside its unit
 * stands below it, wrapped: why something does not run is the last thing to cut off.
 */
export function statusRows(
  units: readonly UnitStatus[],
  nowMs: number,
  width: number,
): readonly StatusRow[] {
  const nothing = 'This image has no onboot tasks and no services.';
  if (units.length === 0) return [{ lines: [nothing], style: undefined }];
  const rows = units.map((unit) => cells(unit, nowMs));
  const widths = HEAD.slice(0, -1).map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const left = (row: readonly string[]): string =>
    widths.map((size, column) => (row[column] ?? '').padEnd(size)).join(GAP);
  const head = { lines: [`${left(HEAD)}${GAP}REASON`.trimEnd()], style: 'strong' as const };
  const body = units.map((unit, index) => {
    const row = left(rows[index] ?? []);
    const reason = printableLines(unit.reason).join(' ');
    const inline = `${row}${GAP}${reason}`.trimEnd();
    const fits = inline.length <= width;
    const lines = fits ? [inline] : [row.trimEnd(), ...wrapped(reason, width, '    ')];
    return { lines, style: styleOfUnit(unit) };
  });
  return [head, ...body];
}

/** The same as lines alone. */
export function statusLines(
  ...terms: readonly [units: readonly UnitStatus[], nowMs: number, width: number]
): readonly string[] {
  return statusRows(...terms).flatMap(({ lines }) => lines);
}

/** Everything about one unit. */
export function unitLines(unit: UnitStatus, nowMs: number, width: number): readonly string[] {
  const facts: readonly (readonly [name: string, value: string])[] = [
    ['id', unit.id],
    ['kind', unit.kind],
    ['image', unit.image],
    ['state', `${unit.state} for ${durationText(nowMs - unit.sinceMs)}`],
    ['reason', unit.reason],
    ...(unit.health === undefined ? [] : [['health', unit.health] as const]),
    ['pid', unit.pid === undefined ? '-' : String(unit.pid)],
    ['restarts', String(unit.restarts)],
    ['last exit', unit.lastExit === undefined ? 'none' : exitText(unit.lastExit)],
  ];
  const size = Math.max(...facts.map(([name]) => name.length));
  return facts.flatMap(([name, value]) => {
    const [first = '', ...rest] = wrapped(printableLines(value).join(' '), width - size - 2, '');
    const indent = ' '.repeat(size + 2);
    return [`${name.padEnd(size)}${GAP}${first}`, ...rest.map((line) => indent + line)];
  });
}

/** Words of `text` in lines of at most `width`, each after `indent`; a longer word is cut. */
export function wrapped(text: string, width: number, indent: string): readonly string[] {
  const room = Math.max(10, width - indent.length);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    let rest = word;
    if (line !== '' && line.length + 1 + rest.length > room) {
      lines.push(line);
      line = '';
    }
    while (rest.length > room) {
      lines.push(rest.slice(0, room));
      rest = rest.slice(room);
    }
    line = line === '' ? rest : `${line} ${rest}`;
  }
  if (line !== '' || lines.length === 0) lines.push(line);
  return lines.map((part) => indent + part);
}

function cells(unit: UnitStatus, nowMs: number): readonly string[] {
  return [
    printable(unit.name),
    unit.kind,
    unit.state,
    unit.pid === undefined ? '-' : String(unit.pid),
    String(unit.restarts),
    unit.state === 'waiting' ? '-' : durationText(nowMs - unit.sinceMs),
  ];
}

function exitText(exit: ExitReport): string {
  return `${exit.text} at ${instantText(exit.atMs)}`;
}
