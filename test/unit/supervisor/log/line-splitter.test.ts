import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { LineSplitter, MAX_LINE_BYTES } from '../../../../supervisor/log/line-splitter.ts';

it('LineSplitter gives the same lines however the bytes are cut', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), fc.array(fc.nat(7)), (texts, cuts) => {
      const lines = texts.map((text) => text.replaceAll('\n', ''));
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
      const splitter = new LineSplitter();
      const seen: string[] = [];
      let at = 0;
      for (const cut of cuts) {
        seen.push(...splitter.push(bytes.subarray(at, at + cut)));
        at += cut;
      }
      seen.push(...splitter.push(bytes.subarray(at)));
      expect(seen).toEqual(lines.map((line) => Buffer.from(line).toString()));
      expect(splitter.flush()).toBeUndefined();
    }),
  );
});

it('LineSplitter cuts a line that never ends and loses nothing of it', () => {
  const splitter = new LineSplitter();
  const lines: string[] = [];
  for (let i = 0; i < 100; i += 1) lines.push(...splitter.push(Buffer.alloc(1000, 'x')));
  lines.push(splitter.flush() ?? '');
  expect(lines.slice(0, -1).every((line) => line.length === MAX_LINE_BYTES)).toBe(true);
  expect(lines.join('').length).toBe(100_000);
});

it('LineSplitter.flush() gives the unfinished line once', () => {
  const splitter = new LineSplitter();
  expect(splitter.push(Buffer.from('a\nrest'))).toEqual(['a']);
  expect(splitter.flush()).toBe('rest');
  expect(splitter.flush()).toBeUndefined();
});
