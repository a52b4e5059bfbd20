import { describe, expect, it } from 'vitest';
import { readIcuPackage, writeIcuPackage } from '../../../../build/binary/icu-data.ts';
import { locateIcuData, trimIcu } from '../../../../build/binary/icu-trim.ts';
import { BASE, byteInMemory, PAGE, tinyElf } from './tiny-elf.ts';

const ADDRESS = BASE + 2 * PAGE;

function icuPackage(): Buffer {
  const header = Buffer.alloc(32);
  header.writeUInt16LE(32, 0);
  header.writeUInt16LE(0x27da, 2);
  header.write('CmnD', 12, 'latin1');
  return writeIcuPackage(header, [
    { name: 'icudt78l/de.res', data: Buffer.alloc(5 * PAGE, 'd') },
    { name: 'icudt78l/en.res', data: Buffer.from('english') },
    { name: 'icudt78l/root.res', data: Buffer.from('root') },
  ]);
}

function executableWithIcu(name = 'icudt78_dat'): Buffer {
  const icu = icuPackage();
  const elf = tinyElf({ pages: 12, symbol: { name, address: ADDRESS, size: icu.length } });
  icu.copy(elf, 2 * PAGE);
  return elf;
}

describe('locateIcuData()', () => {
  it('finds the bytes that the dynamic symbol names', () => {
    const { start, end } = locateIcuData(executableWithIcu());
    expect(start).toBe(2 * PAGE);
    expect(end - start).toBe(icuPackage().length);
  });

  it('says so when Node was built without it: no-icu', () => {
    const elf = executableWithIcu('something_else');
    expect(() => locateIcuData(elf)).toThrow(expect.objectContaining({ code: 'no-icu' }));
  });

  it('refuses what is no executable: not-elf', () => {
    expect(() => locateIcuData(Buffer.alloc(128))).toThrow(
      expect.objectContaining({ code: 'not-elf' }),
    );
  });
});

describe('trimIcu()', () => {
  it('leaves the items PID 1 needs at the address of the symbol', () => {
    const { bytes, itemsBefore, itemsKept, icuBytesKept } = trimIcu(executableWithIcu());
    expect([itemsBefore, itemsKept]).toEqual([3, 2]);
    const seen = Buffer.from(
      Array.from({ length: icuBytesKept }, (_, index) => byteInMemory(bytes, ADDRESS + index) ?? 0),
    );
    expect(
      readIcuPackage(seen).map(({ name, data }) => [name, data.toString('latin1', 0, 4)]),
    ).toEqual([
      ['icudt78l/en.res', 'engl'],
      ['icudt78l/root.res', 'root'],
    ]);
  });

  it('says which bytes are free, and has zeroed them', () => {
    const { bytes, unused } = trimIcu(executableWithIcu());
    expect(bytes.length).toBe(executableWithIcu().length);
    // Five pages of German.
    expect(unused.end - unused.start).toBeGreaterThanOrEqual(4 * PAGE);
    expect(bytes.subarray(unused.start, unused.end).every((byte) => byte === 0)).toBe(true);
  });

  it('does not change what it was given', () => {
    const before = executableWithIcu();
    const copy = Buffer.from(before);
    trimIcu(before);
    expect(before.equals(copy)).toBe(true);
  });
});
