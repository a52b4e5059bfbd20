import { describe, expect, it } from 'vitest';
import { isNeeded, readIcuPackage, writeIcuPackage } from '../../../../build/binary/icu-data.ts';

const HEADER = Buffer.alloc(32);
HEADER.writeUInt16LE(32, 0);
HEADER.writeUInt16LE(0x27da, 2);
HEADER.write('CmnD', 12, 'latin1');

const ITEMS = [
  { name: 'icudt78l/a.res', data: Buffer.from('first') },
  { name: 'icudt78l/bb.res', data: Buffer.from('the second, longer than one unit of sixteen') },
  { name: 'icudt78l/c.nrm', data: Buffer.from('x'.repeat(16)) },
];

describe('writeIcuPackage()', () => {
  it('writes what readIcuPackage() reads, padded to the next item', () => {
    const read = readIcuPackage(writeIcuPackage(HEADER, ITEMS));
    expect(read.map(({ name }) => name)).toEqual(ITEMS.map(({ name }) => name));
    read.forEach(({ data }, index) => {
      const expected = ITEMS[index]?.data ?? Buffer.alloc(0);
      expect(data.subarray(0, expected.length)).toEqual(expected);
      expect(data.length - expected.length).toBeLessThan(16);
    });
  });

  it('starts every item on a multiple of sixteen of the package', () => {
    const bytes = writeIcuPackage(HEADER, ITEMS);
    for (let index = 0; index < ITEMS.length; index++) {
      expect((32 + bytes.readUInt32LE(32 + 8 + index * 8)) % 16).toBe(0);
    }
  });

  it('keeps the header of the original', () => {
    expect(writeIcuPackage(HEADER, ITEMS).subarray(0, 32)).toEqual(HEADER);
  });
});

describe('readIcuPackage()', () => {
  it('refuses bytes without the header: icu-layout', () => {
    expect(() => readIcuPackage(Buffer.alloc(64))).toThrow(
      expect.objectContaining({ code: 'icu-layout' }),
    );
  });

  it('refuses an item that reaches beyond the end: icu-layout', () => {
    const bytes = writeIcuPackage(HEADER, ITEMS);
    bytes.writeUInt32LE(bytes.length, 32 + 8 + 2 * 8);
    expect(() => readIcuPackage(bytes)).toThrow(expect.objectContaining({ code: 'icu-layout' }));
  });
});

describe('isNeeded()', () => {
  it.each([
    'icudt78l/nfkc.nrm',
    'icudt78l/uts46.nrm',
    'icudt78l/zoneinfo64.res',
    'icudt78l/root.res',
    'icudt78l/en_US.res',
    'icudt78l/zone/en.res',
    'icudt78l/curr/pool.res',
    'icudt78l/coll/ucadata.icu',
    'icudt78l/brkitr/char.brk',
    'icudt78l/brkitr/sent.brk',
    'icudt78l/brkitr/word.brk',
    'icudt78l/nfkc_cf.nrm',
    'icudt78l/res_index.res',
    'icudt78l/lang/res_index.res',
  ])('keeps %s', (name) => expect(isNeeded(name)).toBe(true));

  it.each([
    'icudt78l/de.res',
    'icudt78l/en_GB.res',
    'icudt78l/zone/zh_Hant.res',
    'icudt78l/ibm-943_P15A-2003.cnv',
    'icudt78l/brkitr/thaidict.dict',
    'icudt78l/translit/root.res',
    'icudt78l/brkitr/line.brk',
    'icudt78l/brkitr/line_loose_cj.brk',
    'icudt78l/brkitr/sent_el.brk',
    'icudt78l/brkitr/title.brk',
    'icudt78l/cnvalias.icu',
    'icudt78l/nfkc_scf.nrm',
    'icudt78l/ulayout.icu',
    'icudt78l/windowsZones.res',
    'icudt78l/unames.icu',
    'icudt78l/confusables.cfu',
    'icudt78l/rfc3491.spp',
  ])('drops %s', (name) => expect(isNeeded(name)).toBe(false));
});
