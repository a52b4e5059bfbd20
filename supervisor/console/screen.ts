/**
 * The terminal as the session sees it: lines that scroll by, and below them at most one line being
 * edited; or instead of both a picture that changes in place. Lines are made printable here, at the last
 * moment, so that no caller can forget it.
 */
import { type Frame, fitFrame, redrawFrame } from '../view/frame-view.ts';
import type { LineState } from './line-editor.ts';
import { drawLine, erase, NOTHING_DRAWN, redraw, type DrawnLine } from './line-view.ts';
import { printable } from '../view/printable.ts';
import { type Style, styled } from '../view/style.ts';
import type { TerminalSize } from './terminal-size.ts';

export interface Screen {
  /** Prints lines above the line being edited. */
  print(lines: readonly string[], style?: Style): void;
  /** Shows the line being edited, or how it changed. */
  showLine(prompt: string, state: LineState): void;
  /** Leaves the line being edited as it stands and goes below it. */
  leaveLine(): void;
  /** Somebody else has written to the terminal: what should stand there is shown again. */
  repair(): void;
  clear(): void;
  /** Shows a picture, or how it changed; on a terminal that cannot go back it scrolls by. */
  showFrame(lines: readonly string[]): void;
  /** Lines go on below the picture. */
  leaveFrame(): void;
  /** The terminal has said how large it is, and so that it understands what a VT100 does. */
  setSize(size: TerminalSize): void;
  readonly size: TerminalSize;
  /** Whether it has said so. */
  readonly isKnown: boolean;
}

/** A serial line has no size to ask for (it says 0x0); this is what everybody has. */
export const WIDTH = 80;
const DEFAULT_SIZE: TerminalSize = { rows: 24, columns: WIDTH };

export function createScreen(write: (text: string) => void): Screen {
  let drawn: DrawnLine = NOTHING_DRAWN;
  let frame: Frame | undefined;
  let said: TerminalSize | undefined;
  const size = (): TerminalSize => said ?? DEFAULT_SIZE;

  function redrawLine(): void {
    const shown = drawn;
    drawn = NOTHING_DRAWN;
    write(redraw(NOTHING_DRAWN, shown));
    drawn = shown;
  }

  function print(lines: readonly string[], style?: Style): void {
    if (lines.length === 0) return;
    frame = undefined;
    const known = said === undefined ? undefined : style;
    const text = lines.map((line) => styled(printable(line), known));
    const line = drawn.text === '' ? '' : redraw(NOTHING_DRAWN, drawn);
    for (const [index, one] of text.entries()) {
      const head = index === 0 ? erase(drawn) : '';
      const tail = index === text.length - 1 ? line : '';
      write(`${head}${one}\n${tail}`);
    }
  }

  return {
    print,
    showLine(prompt, state) {
      const next = drawLine(prompt, state, size().columns);
      write(redraw(drawn, next));
      drawn = next;
    },
    leaveLine() {
      if (drawn.text !== '') write('\n');
      drawn = NOTHING_DRAWN;
    },
    repair() {
      frame = undefined;
      if (drawn.text === '') return;
      write('\r');
      redrawLine();
    },
    clear() {
      write('\x1b[H\x1b[2J');
      redrawLine();
    },
    showFrame(lines) {
      const next = fitFrame(lines, size());
      if (said === undefined) {
        print([...next, '']);
        return;
      }
      write(redrawFrame(frame, next));
      frame = next;
    },
    leaveFrame() {
      frame = undefined;
    },
    setSize(next) {
      if (said?.rows !== next.rows || said.columns !== next.columns) frame = undefined;
      said = next;
    },
    get size() {
      return size();
    },
    get isKnown() {
      return said !== undefined;
    },
  };
}
