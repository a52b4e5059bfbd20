/**
 * The line being edited as terminal output, with nothing but CR, BS and spaces, which every terminal
 * has. Pure. One code point is taken for one column.
 */
import type { LineState } from './line-editor.ts';

/** What stands on the terminal's current line. */
export interface DrawnLine {
  readonly text: string;
  readonly cursor: number;
}

export const NOTHING_DRAWN: DrawnLine = { text: '', cursor: 0 };

/** The part of prompt and line that fits in `width` columns; a long line scrolls with its cursor. */
export function drawLine(prompt: string, state: LineState, width: number): DrawnLine {
  const before = Array.from(prompt + state.before);
  const after = Array.from(state.after);
  // The last column stays free: writing into it wraps on some terminals and not on others.
  const room = width - 1;
  const skipped = Math.max(0, before.length - room);
  const text = [...before, ...after].slice(skipped, skipped + room).join('');
  return { text, cursor: before.length - skipped };
}

/** The bytes that turn `from` into `to`. Typing and erasing at the end cost only what changed. */
export function redraw(from: DrawnLine, to: DrawnLine): string {
  const isAtEnd = from.cursor === columns(from.text) && to.cursor === columns(to.text);
  if (isAtEnd && to.text.startsWith(from.text)) return to.text.slice(from.text.length);
  const fewer = columns(from.text) - columns(to.text);
  if (isAtEnd && from.text.startsWith(to.text)) {
    return '\b'.repeat(fewer) + ' '.repeat(fewer) + '\b'.repeat(fewer);
  }
  const rest = Math.max(0, fewer);
  const back = columns(to.text) + rest - to.cursor;
  return `\r${to.text}${' '.repeat(rest)}${'\b'.repeat(back)}`;
}

/** The bytes that leave the line empty, the cursor at its beginning. */
export function erase(drawn: DrawnLine): string {
  return drawn.text === '' ? '' : `\r${' '.repeat(columns(drawn.text))}\r`;
}

function columns(text: string): number {
  return Array.from(text).length;
}
