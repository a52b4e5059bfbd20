/**
 * The terminal as the session sees it: lines that scroll by, and below them at most one line being
 * edited. Lines are made printable here, at the last moment, so that no caller can forget it.
 */
import type { LineState } from './line-editor.ts';
import { drawLine, erase, NOTHING_DRAWN, redraw, type DrawnLine } from './line-view.ts';
import { printable } from '../view/printable.ts';

export interface Screen {
  /** Prints lines above the line being edited. */
  print(lines: readonly string[]): void;
  /** Shows the line being edited, or how it changed. */
  showLine(prompt: string, state: LineState): void;
  /** Leaves the line being edited as it stands and goes below it. */
  leaveLine(): void;
  clear(): void;
}

/** A serial line has no size to ask for (it says 0x0); 80 columns is what everybody has. */
export const WIDTH = 80;

export function createScreen(write: (text: string) => void): Screen {
  let drawn: DrawnLine = NOTHING_DRAWN;

  return {
    print(lines) {
      if (lines.length === 0) return;
      const text = lines.map(printable);
      const line = drawn.text === '' ? '' : redraw(NOTHING_DRAWN, drawn);
      for (const [index, one] of text.entries()) {
        const head = index === 0 ? erase(drawn) : '';
        const tail = index === text.length - 1 ? line : '';
        write(`${head}${one}\n${tail}`);
      }
    },
    showLine(prompt, state) {
      const next = drawLine(prompt, state, WIDTH);
      write(redraw(drawn, next));
      drawn = next;
    },
    leaveLine() {
      if (drawn.text !== '') write('\n');
      drawn = NOTHING_DRAWN;
    },
    clear() {
      write('\x1b[H\x1b[2J');
      const shown = drawn;
      drawn = NOTHING_DRAWN;
      write(redraw(NOTHING_DRAWN, shown));
      drawn = shown;
    },
  };
}
