import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EMPTY_LINE } from '../../../../supervisor/console/line-editor.ts';
import {
  drawLine,
  erase,
  NOTHING_DRAWN,
  redraw,
  type DrawnLine,
} from '../../../../supervisor/console/line-view.ts';

/** What a terminal that knows only CR and BS shows on one line. */
function terminalAfter(output: string): { text: string; cursor: number } {
  const cells: string[] = [];
  let cursor = 0;
  for (const char of output) {
    if (char === '\r') cursor = 0;
    else if (char === '\b') cursor -= 1;
    else {
      cells[cursor] = char;
      cursor += 1;
    }
    expect(cursor).toBeGreaterThanOrEqual(0);
    expect(cursor).toBeLessThan(80);
  }
  return { text: cells.join('').trimEnd(), cursor };
}

const drawn: fc.Arbitrary<DrawnLine> = fc
  .tuple(fc.string({ maxLength: 120 }), fc.string({ maxLength: 30 }))
  .map(([before, after]) => drawLine('box> ', { ...EMPTY_LINE, before, after }, 80));

describe('redraw()', () => {
  test('turns any drawn line into any other with CR, BS and printable characters only', () => {
    const property = fc.property(drawn, drawn, (from, to) => {
      const output = redraw(NOTHING_DRAWN, from) + redraw(from, to);
      expect(terminalAfter(output)).toEqual({ text: to.text.trimEnd(), cursor: to.cursor });
    });
    fc.assert(property);
  });

  test('writes only what was typed at the end, so that a log of the line can be read', () => {
    const from = drawLine('> ', { ...EMPTY_LINE, before: 'sta' }, 80);
    const to = drawLine('> ', { ...EMPTY_LINE, before: 'stat' }, 80);
    expect(redraw(from, to)).toBe('t');
    expect(redraw(to, from)).toBe('\b \b');
  });
});

describe('drawLine()', () => {
  test('scrolls a long line so that the cursor stays in view', () => {
    const line = drawLine('> ', { ...EMPTY_LINE, before: 'a'.repeat(100), after: 'b' }, 80);
    expect(line).toEqual({ text: 'a'.repeat(79), cursor: 79 });
  });
});

describe('erase()', () => {
  test('leaves an empty line and the cursor at its beginning', () => {
    const line = drawLine('> ', { ...EMPTY_LINE, before: 'abc', after: 'd' }, 80);
    expect(terminalAfter(redraw(NOTHING_DRAWN, line) + erase(line))).toEqual({
      text: '',
      cursor: 0,
    });
  });
});
