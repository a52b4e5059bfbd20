import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Frame, fitFrame, redrawFrame } from '../../../../supervisor/view/frame-view.ts';
import { EMPTY_LINE } from '../../../../supervisor/console/line-editor.ts';
import { createScreen, type Screen } from '../../../../supervisor/console/screen.ts';

function setup(): { readonly screen: Screen; readonly written: () => string } {
  let text = '';
  return { screen: createScreen((piece) => (text += piece)), written: () => text };
}

const SIZE = { rows: 24, columns: 80 };

/** The rows of a VT100 after some output of `redrawFrame`. */
function rowsAfter(output: string): readonly string[] {
  const rows: string[] = Array.from({ length: 8 }, () => '');
  let row = 0;
  let column = 0;
  // oxlint-disable-next-line no-control-regex -- escape sequences are what this is about
  for (const token of output.match(/\x1b\[[0-9;]*[A-Z]|[^\x1b]+/g) ?? []) {
    const line = rows[row] ?? '';
    if (token === '\x1b[2J') {
      rows.fill('');
    } else if (token === '\x1b[K') {
      rows[row] = line.slice(0, column);
    } else if (token.startsWith('\x1b')) {
      row = Number.parseInt(token.slice(2), 10) - 1 || 0;
      column = 0;
    } else {
      rows[row] = line.slice(0, column) + token + line.slice(column + token.length);
      column += token.length;
    }
  }
  return rows.filter((line) => line !== '');
}

describe('redrawFrame()', () => {
  test('writes only the rows that differ', () => {
    expect(redrawFrame(['a', 'b', 'c'], ['a', 'x', 'c'])).toBe('\x1b[2;1Hx\x1b[K\x1b[4;1H');
    expect(redrawFrame(['a', 'b'], ['a', 'b'])).toBe('');
    expect(redrawFrame(['a', 'b'], ['a'])).toBe('\x1b[2;1H\x1b[K\x1b[2;1H');
    expect(redrawFrame(undefined, ['a'])).toBe('\x1b[H\x1b[2J\x1b[1;1Ha\x1b[K\x1b[2;1H');
  });

  test('makes any frame of any other', () => {
    const frame = fc.array(fc.constantFrom('one', 'two', 'three'), { maxLength: 5 });
    const property = fc.property(frame, frame, (from: Frame, to: Frame) => {
      const rows = rowsAfter(redrawFrame(undefined, from) + redrawFrame(from, to));
      expect(rows).toEqual(to);
    });
    fc.assert(property);
  });
});

describe('fitFrame()', () => {
  test('leaves the last row and column free, and lets the text do nothing', () => {
    const lines = Array.from({ length: 30 }, () => '\x1b[2J'.padEnd(100, 'x'));
    const frame = fitFrame(lines, SIZE);
    expect(frame).toHaveLength(23);
    expect(frame[0]).toHaveLength(79);
    expect(frame[0]).toMatch(/^\^\[\[2Jx/);
  });
});

describe('createScreen()', () => {
  test('has colours only on a terminal that has answered, and never those of the text', () => {
    const { screen, written } = setup();
    screen.print(['a\x1b[31m'], 'error');
    expect(written()).toBe('a^[[31m\n');
    screen.setSize(SIZE);
    screen.print(['b\x1b[32m', ''], 'error');
    expect(written()).toBe('a^[[31m\n\x1b[31mb^[[32m\x1b[0m\n\n');
  });

  test('lets a picture scroll by where nothing else is known to work', () => {
    const { screen, written } = setup();
    screen.showFrame(['one', 'two']);
    screen.showFrame(['one', 'two']);
    expect(written()).toBe('one\ntwo\n\none\ntwo\n\n');
  });

  test('draws a picture anew after something else was printed, and after a resize', () => {
    const { screen, written } = setup();
    const cleared = (): number => written().split('\x1b[2J').length - 1;
    screen.setSize(SIZE);
    screen.showFrame(['one']);
    screen.showFrame(['one']);
    expect(cleared()).toBe(1);
    screen.print(['from elsewhere']);
    screen.showFrame(['one']);
    expect(cleared()).toBe(2);
    screen.setSize({ rows: 30, columns: 100 });
    screen.showFrame(['one']);
    expect(cleared()).toBe(3);
  });

  test('shows the line again that somebody else has written over', () => {
    const { screen, written } = setup();
    screen.repair();
    expect(written()).toBe('');
    screen.showLine('> ', { ...EMPTY_LINE, before: 'stat' });
    screen.repair();
    expect(written()).toBe('> stat\r> stat');
  });

  test('uses the width of the terminal for the line', () => {
    const { screen, written } = setup();
    screen.setSize({ rows: 24, columns: 132 });
    screen.showLine('> ', { ...EMPTY_LINE, before: 'x'.repeat(100) });
    expect(written()).toBe(`> ${'x'.repeat(100)}`);
  });
});
