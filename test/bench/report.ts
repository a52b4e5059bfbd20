/** The bench's figures as text for people. Pure. */
import type { Results } from './figures.ts';
import type { Outcome } from './measurement.ts';
import { comparison, type Row } from './rows.ts';
import { renderSpread } from './statistics.ts';
import { renderTable } from './table.ts';
import { checkTargets } from './targets.ts';

/** What was measured, one table after another, and all targets together. Each line ends with a line feed. */
export function renderOutcomes(outcomes: readonly Outcome[]): string {
  const tables = outcomes.flatMap((outcome) => outcome.tables);
  const targets = outcomes.flatMap((outcome) => outcome.targets);
  const verdicts = targets.map(({ what, limit, is, reached }) => [
    what,
    limit,
    is,
    reached ? 'yes' : 'NO',
  ]);
  return [
    ...tables.map(({ title, rows }) => `${title}\n\n${renderTable(rows)}`),
    renderTable([['target', 'limit', 'is', 'reached'], ...verdicts]),
  ].join('\n');
}

/** Our machine and the baseline's, boot by boot. */
export function bootOutcome(results: Results): Outcome {
  const rows = comparison(results).map((row) => [
    row.label,
    renderSpread(row.ishmael, row.digits),
    renderSpread(row.busybox, row.digits),
    ratio(row),
  ]);
  const processes = results.ownProcesses.map(({ unit, idleKiB, connectedKiB }) => [
    unit,
    mebibytes(idleKiB),
    mebibytes(connectedKiB),
  ]);
  return {
    tables: [
      {
        title: `${results.rounds} rounds each, one after the other in turn: median (least–most)`,
        rows: [['', 'ishmael', 'busybox', 'ratio'], ...rows],
      },
      {
        title: 'RssAnon of our processes, MiB',
        rows: [['', 'idle', 'host connected'], ...processes],
      },
    ],
    targets: checkTargets(results),
    figures: results,
  };
}

function mebibytes(kibibytes: number | undefined): string {
  return kibibytes === undefined ? '–' : (kibibytes / 1024).toFixed(2);
}

function ratio({ ishmael, busybox }: Row): string {
  if (ishmael === undefined || busybox === undefined || busybox.median === 0) return '';
  return (ishmael.median / busybox.median).toFixed(2);
}
