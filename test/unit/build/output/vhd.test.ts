import { describe, expect, it, test } from 'vitest';
import { fixedFooter, geometry, repeatable } from '../../../../build/output/disk/vhd.ts';

const UUID = '00112233-4455-4677-8899-aabbccddeeff';

/** As the specification says it: one's complement of the sum of all bytes but its own four. */
function sumOf(footer: Buffer): number {
  let sum = 0;
  footer.forEach((byte, index) => (sum += index >= 64 && index < 68 ? 0 : byte));
  return ~sum >>> 0;
}

describe('fixedFooter()', () => {
  const footer = fixedFooter(54 * 1_048_576, UUID);

  it('has sizes, kind and identity where they belong', () => {
    expect(footer).toHaveLength(512);
    expect(footer.toString('latin1', 0, 8)).toBe('conectix');
    expect(footer.readBigUInt64BE(16)).toBe(0xffff_ffff_ffff_ffffn);
    expect(footer.readUInt32BE(24)).toBe(0);
    expect(footer.readBigUInt64BE(40)).toBe(56_623_104n);
    expect(footer.readBigUInt64BE(48)).toBe(56_623_104n);
    expect(footer.readUInt32BE(60)).toBe(2);
    expect(footer.toString('hex', 68, 84)).toBe(UUID.replaceAll('-', ''));
  });

  it('has a checksum that is right', () => {
    expect(footer.readUInt32BE(64)).toBe(sumOf(footer));
  });
});

test('repeatable() takes time and chance out of a footer', () => {
  const made = Buffer.from(fixedFooter(1_048_576, UUID));
  made.writeUInt32BE(12_345_678, 24);
  made.fill(7, 68, 84);
  expect(repeatable(made, UUID).equals(fixedFooter(1_048_576, UUID))).toBe(true);
});

test.each([
  // By the specification's algorithm; qemu-img, which has it too, reads the first as 56,602,112 bytes.
  [56_623_104, { cylinders: 929, heads: 7, sectors: 17 }],
  [209_715_200, { cylinders: 825, heads: 16, sectors: 31 }],
  [1_073_741_824, { cylinders: 2080, heads: 16, sectors: 63 }],
  [2 ** 41, { cylinders: 65_535, heads: 16, sectors: 255 }],
])('geometry() of %d bytes', (bytes, chs) => {
  expect(geometry(bytes / 512)).toEqual(chs);
});
