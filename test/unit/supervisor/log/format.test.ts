import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  mergeLines,
  parseLines,
  renderEntry,
  renderLines,
  renderText,
} from '../../../../supervisor/log/format.ts';

const AT = Date.UTC(2026, 0, 31, 12);

it('renderLines() puts an RFC 3339 time in UTC before each line', () => {
  expect(renderLines(AT, ['ahoy', ''])).toEqual([
    '2026-01-31T12:00:00.000Z ahoy\n',
    '2026-01-31T12:00:00.000Z \n',
  ]);
});

it('renderEntry() repeats its head on every line of a stack trace', () => {
  const entry = {
    seq: 1,
    atMs: 0,
    unit: 'machine',
    severity: 'error',
    text: 'fault\n  at x',
  } as const;
  expect(renderEntry(AT, entry)).toEqual([
    '2026-01-31T12:00:00.000Z error machine: fault\n',
    '2026-01-31T12:00:00.000Z error machine:   at x\n',
  ]);
});

it('renderText() is what renderLines() gives, in one', () => {
  const texts = ['one', '', 'three'];
  expect(renderText(1000, texts)).toBe(renderLines(1000, texts).join(''));
});

it('parseLines() reads what renderLines() wrote', () => {
  const text = fc.string({ unit: 'binary' }).map((line) => line.replaceAll('\n', ''));
  fc.assert(
    fc.property(fc.nat({ max: 4e12 }), fc.array(text), (wallMs, texts) => {
      const lines = parseLines(renderLines(wallMs, texts).join(''));
      expect(lines).toEqual(texts.map((line) => ({ wallMs, text: line })));
    }),
  );
});

it('parseLines() leaves out a line whose beginning was cut off', () => {
  const text = `26-01-31T11:00:00.000Z cut\n${renderLines(AT, ['whole']).join('')}`;
  expect(parseLines(text)).toEqual([{ wallMs: AT, text: 'whole' }]);
});

describe('mergeLines()', () => {
  const line = (wallMs: number, text: string) => ({ wallMs, text });

  it('goes by the time of both files', () => {
    const merged = mergeLines({
      stdout: [line(1, 'a'), line(3, 'c')],
      stderr: [line(2, 'b'), line(4, 'd')],
    });
    expect(merged.map(({ from, text }) => [from, text])).toEqual([
      ['stdout', 'a'],
      ['stderr', 'b'],
      ['stdout', 'c'],
      ['stderr', 'd'],
    ]);
  });

  it('keeps the order of each file where the clock went back', () => {
    const merged = mergeLines({
      stdout: [line(5, 'a'), line(900, 'b'), line(6, 'c'), line(7, 'd')],
      stderr: [line(800, 'x'), line(8, 'y')],
    });
    const order = (from: string): string[] =>
      merged.filter((each) => each.from === from).map(({ text }) => text);
    expect([order('stdout'), order('stderr')]).toEqual([
      ['a', 'b', 'c', 'd'],
      ['x', 'y'],
    ]);
  });
});
