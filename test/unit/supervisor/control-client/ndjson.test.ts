import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLineSplitter, LineTooLongError } from '../../../../supervisor/control/ndjson.ts';

describe('createLineSplitter()', () => {
  test('gives the same lines however the bytes are cut', () => {
    const lines = fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), { maxLength: 8 });
    const property = fc.property(lines, fc.integer({ min: 1, max: 7 }), (texts, size) => {
      const wanted = texts.map((text) => JSON.stringify(text));
      const bytes = Buffer.from(wanted.map((line) => `${line}\n`).join(''));
      const splitter = createLineSplitter();
      const got: string[] = [];
      for (let at = 0; at < bytes.length; at += size) {
        got.push(...splitter.push(bytes.subarray(at, at + size)));
      }
      expect(got).toEqual(wanted);
      expect(splitter.rest()).toBe('');
    });
    fc.assert(property);
  });

  test('keeps an unfinished line as the rest and leaves empty lines out', () => {
    const splitter = createLineSplitter();
    expect(splitter.push(Buffer.from('\n{"a":1}\n\r\n{"b"'))).toEqual(['{"a":1}']);
    expect(splitter.rest()).toBe('{"b"');
  });

  test('refuses a line above the limit, also when it grows slowly', () => {
    const splitter = createLineSplitter(8);
    expect(splitter.push(Buffer.from('12345678\n'))).toEqual(['12345678']);
    splitter.push(Buffer.from('12345'));
    expect(() => splitter.push(Buffer.from('6789'))).toThrow(LineTooLongError);
  });
});
