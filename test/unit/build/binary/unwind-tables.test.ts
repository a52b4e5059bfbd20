import { describe, expect, it } from 'vitest';
import { locateUnwindTables } from '../../../../build/binary/unwind-tables.ts';

const HEADERS = 64 + 56;
const INDEX = 4096;
const TABLE = 4096 + 512;
const SIZE = 3000;

/** One program header for the index, three section headers: none, the names, `.eh_frame`. */
function executable({ segmentType = 0x6474e550, section = '.eh_frame' } = {}): Buffer {
  const elf = Buffer.alloc(16_384);
  elf.write('\x7fELF\x02\x01', 'latin1');
  elf.writeBigUInt64LE(64n, 32);
  elf.writeUInt16LE(56, 54);
  elf.writeUInt16LE(1, 56);
  elf.writeUInt32LE(segmentType, 64);
  elf.writeBigUInt64LE(BigInt(INDEX), 64 + 8);

  elf.writeBigUInt64LE(BigInt(HEADERS), 40);
  elf.writeUInt16LE(64, 58);
  elf.writeUInt16LE(3, 60);
  elf.writeUInt16LE(1, 62);
  elf.writeBigUInt64LE(12_000n, HEADERS + 64 + 24);
  elf.write(`\0${section}\0`, 12_000, 'latin1');
  elf.writeUInt32LE(1, HEADERS + 128);
  elf.writeBigUInt64LE(BigInt(TABLE), HEADERS + 128 + 24);
  elf.writeBigUInt64LE(BigInt(SIZE), HEADERS + 128 + 32);
  return elf;
}

describe('locateUnwindTables()', () => {
  it('finds the index and the table behind it', () => {
    expect(locateUnwindTables(executable())).toEqual({ start: INDEX, end: TABLE + SIZE });
  });

  it.each([
    ['index', { segmentType: 1 }],
    ['table', { section: '.rodata' }],
  ])('says so when there is no %s: no-unwind-tables', (_, changes) => {
    expect(() => locateUnwindTables(executable(changes))).toThrow(
      expect.objectContaining({ code: 'no-unwind-tables' }),
    );
  });
});
