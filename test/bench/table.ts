/** Rows of cells as text, in columns. Pure. */
import type { Cells } from './measurement.ts';

/** Each line ends with a line feed. The first row decides how many columns there are. */
export function renderTable(rows: readonly Cells[]): string {
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
