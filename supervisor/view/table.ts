/** Columns of text. Pure. */

const GAP = '  ';

/**
 * Rows under a head, each column as wide as its widest cell, lines cut at `width`. A title that begins with
 * `>` has its column aligned to the right.
 */
export function table(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
): readonly string[] {
  const right = titles.map((title) => title.startsWith('>'));
  const head = titles.map((title) => title.replace(/^>/, ''));
  const sizes = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return [head, ...rows].map((row) =>
    sizes
      .map((size, column) => {
        const cell = row[column] ?? '';
        return right[column] === true ? cell.padStart(size) : cell.padEnd(size);
      })
      .join(GAP)
      .trimEnd()
      .slice(0, width === Number.POSITIVE_INFINITY ? undefined : width),
  );
}
