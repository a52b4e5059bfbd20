import { describe, expect, it } from 'vitest';
import { blankTypeStripper, locateTypeStripper } from '../../../../build/binary/type-stripper.ts';

const WASM = Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

/** A WebAssembly module as Node's sources have it. */
function quoted(size: number): string {
  const bytes = Buffer.alloc(size, '\x12\xff\xef\x3e\x7b');
  WASM.copy(bytes);
  return `from("${bytes.toString('base64')}", "base64")`;
}

const SMALL = quoted(50_000);
const LARGE = quoted(1_000_000);

describe('locateTypeStripper()', () => {
  it('finds the large module from quote to quote, not the small ones', () => {
    const { start, end } = locateTypeStripper(Buffer.from(`\x7fELF${SMALL}${LARGE}${SMALL}`));
    expect(start).toBe(4 + SMALL.length + 'from("'.length);
    expect(end - start).toBe(Math.ceil(1_000_000 / 3) * 4);
  });

  it.each([
    ['none', SMALL],
    ['two', LARGE + LARGE],
  ])('refuses a file with %s: no-type-stripper', (_, text) => {
    expect(() => locateTypeStripper(Buffer.from(text))).toThrow(
      expect.objectContaining({ code: 'no-type-stripper' }),
    );
  });
});

describe('blankTypeStripper()', () => {
  it('leaves base64 of the same length that is no module, and everything else as it was', () => {
    const before = Buffer.from(`${SMALL}${LARGE}tail`);
    const after = blankTypeStripper(before).toString();
    expect(after).toHaveLength(before.length);
    expect(after.replace(/A{9999,}/, 'blank')).toBe(`${SMALL}from("blank", "base64")tail`);
  });

  it('does not touch its argument', () => {
    const before = Buffer.from(LARGE);
    blankTypeStripper(before);
    expect(before.toString()).toBe(LARGE);
  });
});
