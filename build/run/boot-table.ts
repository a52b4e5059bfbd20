/** The boot report as a small table for people. Pure. */
import type { BootReport, BootStepReport } from '../../supervisor/control/api.ts';

/** Times in ms since the kernel started; each line ends with a line feed. */
export function renderBootReport(report: BootReport): string {
  const rows: string[][] = [];
  for (const phase of report.phases) {
    rows.push([phase.name, ...spanOf(phase.steps)]);
    for (const step of phase.steps) {
      const outcome = step.outcome === 'ok' ? '' : step.outcome;
      const note = [outcome, step.detail ?? ''].filter((text) => text !== '').join(': ');
      rows.push([`  ${step.name}`, ms(step.startMs), ms(step.endMs - step.startMs), note]);
    }
  }
  const milestones = Object.entries(report.milestones).sort(([, left], [, right]) => left - right);
  return (
    table(['boot step', 'at ms', 'took ms', ''], rows) +
    table(
      ['milestone', 'at ms'],
      milestones.map(([name, atMs]) => [name, ms(atMs)]),
    )
  );
}

function spanOf(steps: readonly BootStepReport[]): string[] {
  const first = steps[0];
  if (first === undefined) return ['', '', ''];
  const start = Math.min(...steps.map((step) => step.startMs));
  const end = Math.max(...steps.map((step) => step.endMs));
  return [ms(start), ms(end - start), ''];
}

function ms(value: number): string {
  return value.toFixed(0);
}

/** The first column to the left, numbers to the right, a note (fourth column) to the left. */
function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header, ...rows];
  const width = (column: number): number =>
    Math.max(...all.map((row) => (row[column] ?? '').length));
  return all
    .map((row) => {
      const cells = header.map((_, column) => {
        const cell = row[column] ?? '';
        return column === 1 || column === 2
          ? cell.padStart(width(column))
          : cell.padEnd(width(column));
      });
      return `${cells.join('  ').trimEnd()}\n`;
    })
    .join('');
}
