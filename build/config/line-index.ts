/**
 * Offsets into a text → lines and columns. Our own because yaml's LineCounter counts what its lexer
 * passes, and a broken text can make it skip lines (found by mutating the example).
 */

const BYTE_ORDER_MARK = '\u{feff}';

export interface LinePosition {
  readonly line: number;
  readonly col: number;
}

/** Both count from 1, columns in UTF-16 units; a byte order mark is no column. */
export function createLineIndex(text: string): (offset: number) => LinePosition {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  const mark = text.startsWith(BYTE_ORDER_MARK) ? 1 : 0;
  return (offset) => {
    const line = Math.max(
      starts.findLastIndex((start) => start <= offset),
      0,
    );
    const start = line === 0 ? mark : (starts[line] ?? 0);
    return { line: line + 1, col: Math.max(offset - start, 0) + 1 };
  };
}

/** The lines of a text as `createLineIndex` counts them, without their ends. */
export function splitLines(text: string): readonly string[] {
  const body = text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
  return body.split('\n').map((line) => line.replace(/\r$/, ''));
}
