import { describe, expect, it } from 'vitest';
import { BinaryError } from '../../../../build/binary/binary-error.ts';
import { readSegments } from '../../../../build/binary/elf.ts';
import { punchHole } from '../../../../build/binary/punch-hole.ts';
import { BASE, byteInMemory, PAGE, TAIL, tinyElf } from './tiny-elf.ts';

const HOLE = { start: 3 * PAGE + 100, end: 8 * PAGE + 200 };

describe('punchHole()', () => {
  it('removes the whole pages of the range from the file', () => {
    const before = tinyElf({ pages: 10 });
    const after = punchHole(before, HOLE);
    // Pages 4 to 7; and what stood behind the last segment.
    expect(after.length).toBe((1 + 10 + 1 - 4) * PAGE);
  });

  it('keeps every byte outside the hole at its address', () => {
    const before = tinyElf({ pages: 10 });
    const after = punchHole(before, HOLE);
    for (let page = 1; page <= 10; page++) {
      const address = BASE + page * PAGE + 7;
      const expected = page >= 4 && page < 8 ? undefined : byteInMemory(before, address);
      expect(byteInMemory(after, address), `page ${page}`).toBe(expected);
    }
    expect(byteInMemory(after, TAIL)).toBe(11);
    expect(byteInMemory(after, TAIL + PAGE)).toBe(0);
  });

  it('keeps offset and address of every segment congruent when segments are aligned to more than a page', () => {
    const align = 4 * PAGE;
    const after = punchHole(tinyElf({ pages: 15, align }), { start: PAGE, end: 15 * PAGE });
    const segments = readSegments(after);
    expect(segments).toHaveLength(3);
    for (const { offset, address } of segments) expect(address % align).toBe(offset % align);
  });

  it('leaves the file alone when no whole page is unused', () => {
    const elf = tinyElf({ pages: 4 });
    expect(punchHole(elf, { start: PAGE + 1, end: 3 * PAGE - 1 })).toBe(elf);
  });

  it('refuses a table of program headers without room: no-segment-slot', () => {
    const elf = tinyElf({ pages: 10, tableIsFull: true });
    expect(() => punchHole(elf, HOLE)).toThrow(
      expect.objectContaining({ code: 'no-segment-slot' }),
    );
  });

  it('refuses a range that no segment holds: not-elf', () => {
    const elf = tinyElf({ pages: 10 });
    const beyond = { start: 10 * PAGE, end: 12 * PAGE };
    expect(() => punchHole(elf, beyond)).toThrow(BinaryError);
    expect(() => punchHole(elf, beyond)).toThrow(expect.objectContaining({ code: 'not-elf' }));
  });
});
