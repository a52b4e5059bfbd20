/** The bench's figures as text for people. Pure. */
import type { Results } from './figures.ts';
import { comparison, type Row } from './rows.ts';
import type { Spread } from './statistics.ts';
import { checkTargets } from './targets.ts';

/** Each line ends with a line feed. */
export function renderResults(results: Results): string {
  const rows = comparison(results).map((row) => [
    row.label,
    spread(row.ishmael, row.digits),
    spread(row.busybox, row.digits),
    ratio(row),
  ]);
  const targets = checkTargets(results).map(({ what, limit, is, reached }) => [
    what,
    limit,
    is,
    reached ? 'yes' : 'NO',
  ]);
  const processes = results.ownProcesses.map(({ unit, idleKiB, connectedKiB }) => [
    unit,
    mebibytes(idleKiB),
    mebibytes(connectedKiB),
  ]);
  return [
    `${results.rounds} rounds each, one after the other in turn: median (least–most)\n`,
    table([['', 'ishmael', 'busybox', 'ratio'], ...rows]),
    table([['RssAnon of our processes, MiB', 'idle', 'host connected'], ...processes]),
    table([['target', 'limit', 'is', 'reached'], ...targets]),
  ].join('\n');
}

function mebibytes(kibibytes: number | undefined): string {
  return kibibytes === undefined ? '–' : (kibibytes / 1024).toFixed(2);
}

function spread(value: Spread | undefined, digits: number): string {
  if (value === undefined) return '';
  const { median, min, max } = value;
  if (min === max) return median.toFixed(digits);
  return `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
}

function ratio({ ishmael, busybox }: Row): string {
  if (ishmael === undefined || busybox === undefined || busybox.median === 0) return '';
  return (ishmael.median / busybox.median).toFixed(2);
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows
    .map((row) => {
      const cells = row.map((cell, column) => cell.padEnd(widths[column] ?? 0));
      return `${cells.join('  ').trimEnd()}\n`;
    })
    .join('');
}
