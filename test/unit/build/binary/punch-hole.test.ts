import { describe, expect, it } from 'vitest';
import { BinaryError } from '../../../../build/binary/binary-error.ts';
import { readSegments } from '../../../../build/binary/elf.ts';
import { punchHole, punchHoles } from '../../../../build/binary/punch-hole.ts';
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
      const expected = page >= 4 && page < 8 ? 0 : byteInMemory(before, address);
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

  it('punchHoles() removes several ranges, in whatever order they are given', () => {
    const before = tinyElf({ pages: 12 });
    const low = { start: 2 * PAGE, end: 4 * PAGE };
    const high = { start: 7 * PAGE, end: 10 * PAGE };
    const after = punchHoles(before, [low, high]);
    expect(after.equals(punchHoles(before, [high, low]))).toBe(true);
    expect(after.length).toBe((1 + 12 + 1 - 5) * PAGE);
    for (let page = 1; page <= 12; page++) {
      const gone = (page >= 2 && page < 4) || (page >= 7 && page < 10);
      expect(byteInMemory(after, BASE + page * PAGE), `page ${page}`).toBe(gone ? 0 : page);
    }
    expect(byteInMemory(after, TAIL)).toBe(13);
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
