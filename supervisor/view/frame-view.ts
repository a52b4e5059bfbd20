/**
 * A picture of the whole screen that changes in place: only the rows that differ are written, because a slow
 * line needs two seconds for a screen. Pure. One code point is taken for one column.
 */
import { printable } from './printable.ts';

/** What stands on the screen, row by row. */
export type Frame = readonly string[];

/** The rows that fit, made printable; the last row and column stay free: writing there may scroll or wrap. */
export function fitFrame(
  lines: readonly string[],
  { rows, columns }: { readonly rows: number; readonly columns: number },
): Frame {
  return lines.slice(0, rows - 1).map((line) =>
    Array.from(printable(line))
      .slice(0, columns - 1)
      .join(''),
  );
}

/** The bytes that turn `from` into `to`; `undefined`: whatever is there is cleared away first. */
export function redrawFrame(from: Frame | undefined, to: Frame): string {
  const rows = Math.max(from?.length ?? 0, to.length);
  let text = from === undefined ? '\x1b[H\x1b[2J' : '';
  for (let row = 0; row < rows; row += 1) {
    const line = to[row] ?? '';
    if (line !== (from?.[row] ?? '')) text += `\x1b[${row + 1};1H${line}\x1b[K`;
  }
  return text === '' ? '' : `${text}\x1b[${to.length + 1};1H`;
}
