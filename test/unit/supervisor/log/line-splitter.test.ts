import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineSplitter, MAX_LINE_BYTES } from '../../../../supervisor/log/line-splitter.ts';

it('LineSplitter gives the same lines however the bytes are cut', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), fc.array(fc.nat(7)), (texts, cuts) => {
      const lines = texts.map((text) => text.replaceAll('\n', ''));
      const splitter = new LineSplitter();
      const seen = pieces(lines, cuts).flatMap((piece) => splitter.push(piece).lines);
      expect(seen).toEqual(lines.map((line) => Buffer.from(line).toString()));
      expect(splitter.flush()).toBeUndefined();
    }),
  );
});

it('LineSplitter makes of any bytes at once what it makes of them one by one', () => {
  const line = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc
      .constantFrom(2730, 2731, 8191, 8192, 8193, 20_000)
      .map((length) => Buffer.alloc(length, 'x')),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), (parts) => {
      const bytes = Buffer.concat(parts.flatMap((part) => [part, Buffer.from('\n')]));
      const oneByOne = new LineSplitter();
      const lines = Array.from(bytes, (byte) => oneByOne.push(Buffer.of(byte)).lines).flat();
      const atOnce = new LineSplitter();
      expect(atOnce.push(bytes).lines).toEqual(lines);
      expect(atOnce.flush()).toBe(oneByOne.flush());
    }),
    { numRuns: 30 },
  );
});

it('LineSplitter keeps nothing of the chunk it was given', () => {
  const splitter = new LineSplitter();
  const chunk = Buffer.from('whole\nunfini');
  splitter.push(chunk);
  chunk.fill('x');
  expect(splitter.push(Buffer.from('shed\n')).lines).toEqual(['unfinished']);
});

it('LineSplitter cuts a line that never ends and loses nothing of it', () => {
  const splitter = new LineSplitter();
  const lines: string[] = [];
  for (let i = 0; i < 100; i += 1) lines.push(...splitter.push(Buffer.alloc(1000, 'x')).lines);
  lines.push(splitter.flush() ?? '');
  expect(lines.slice(0, -1).every((line) => line.length === MAX_LINE_BYTES)).toBe(true);
  expect(lines.join('').length).toBe(100_000);
});

it('LineSplitter.flush() gives the unfinished line once', () => {
  const splitter = new LineSplitter();
  expect(splitter.push(Buffer.from('a\nrest')).lines).toEqual(['a']);
  expect(splitter.flush()).toBe('rest');
  expect(splitter.flush()).toBeUndefined();
});

describe('LineSplitter without room', () => {
  it('keeps the first lines and counts the others, however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30)), fc.array(fc.nat(7)), fc.nat(20), (lengths, cuts, room) => {
        const lines = lengths.map((length) => 'x'.repeat(length));
        const splitter = new LineSplitter();
        const kept: string[] = [];
        let dropped = 0;
        for (const piece of pieces(lines, cuts)) {
          const cut = splitter.push(piece, room - kept.length);
          kept.push(...cut.lines);
          dropped += cut.dropped;
        }
        expect(kept).toEqual(lines.slice(0, room));
        expect(dropped).toBe(lines.length - kept.length);
      }),
    );
  });

  it('drops a line whose beginning it has dropped', () => {
    const splitter = new LineSplitter();
    expect(splitter.push(Buffer.from('a\nb\nhead'), 1)).toEqual({ lines: ['a'], dropped: 2 });
    expect(splitter.push(Buffer.from(' middle'))).toEqual({ lines: [], dropped: 0 });
    expect(splitter.push(Buffer.from(' tail\nnext\n'))).toEqual({ lines: ['next'], dropped: 0 });
  });

  it('begins anew after flush()', () => {
    const splitter = new LineSplitter();
    splitter.push(Buffer.from('dropped'), 0);
    expect(splitter.flush()).toBeUndefined();
    expect(splitter.push(Buffer.from('new run\n')).lines).toEqual(['new run']);
  });
});

/** The lines as bytes, cut into pieces of these lengths and a last one. */
function pieces(lines: readonly string[], cuts: readonly number[]): Buffer[] {
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  let at = 0;
  const parts = cuts.map((cut) => bytes.subarray(at, (at += cut)));
  return [...parts, bytes.subarray(at)];
}
