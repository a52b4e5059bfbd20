/**
 * The footer of a VHD (Virtual Hard Disk Image Format Specification 1.0, "Hard Disk Footer Format"). qemu-img puts the time
 * and a random number into it; a disk that is built twice is to be the same. Pure.
 */

const FOOTER_BYTES = 512;
const CHECKSUM = 64;
const TIMESTAMP = 24;
const UNIQUE_ID = 68;

const FIXED = 2;
/** Of a disk without a differencing parent, in place of the offset of a dynamic header. */
const NO_HEADER = 0xffff_ffff_ffff_ffffn;

/** What follows the bytes of a raw disk to make it a VHD of fixed size. */
export function fixedFooter(diskBytes: number, uuid: string): Buffer {
  const footer = Buffer.alloc(FOOTER_BYTES);
  footer.write('conectix', 0, 'latin1');
  footer.writeUInt32BE(2, 8); // Features: the reserved bit, always set.
  footer.writeUInt32BE(0x0001_0000, 12); // Version 1.0 of the format.
  footer.writeBigUInt64BE(NO_HEADER, 16);
  // Creator application. Readers take the size from the geometry, rounded down, unless they know the creator for one that does not round.
  footer.write('qem2', 28, 'latin1');
  footer.writeUInt32BE(0x0001_0000, 32);
  footer.write('Wi2k', 36, 'latin1'); // Creator host: of the two there are, the one that Azure takes.
  footer.writeBigUInt64BE(BigInt(diskBytes), 40); // Original size.
  footer.writeBigUInt64BE(BigInt(diskBytes), 48); // Current size.
  const { cylinders, heads, sectors } = geometry(diskBytes / 512);
  footer.writeUInt16BE(cylinders, 56);
  footer.writeUInt8(heads, 58);
  footer.writeUInt8(sectors, 59);
  footer.writeUInt32BE(FIXED, 60);
  return repeatable(footer, uuid);
}

/** The footer without a time, with this id, and a checksum that is right again. */
export function repeatable(footer: Uint8Array, uuid: string): Buffer {
  const made = Buffer.from(footer);
  made.writeUInt32BE(0, TIMESTAMP);
  Buffer.from(uuid.replaceAll('-', ''), 'hex').copy(made, UNIQUE_ID);
  made.writeUInt32BE(0, CHECKSUM);
  let sum = 0;
  for (const byte of made) sum += byte;
  made.writeUInt32BE(~sum >>> 0, CHECKSUM);
  return made;
}

/** The specification's "CHS Calculation". */
export function geometry(totalSectors: number): {
  readonly cylinders: number;
  readonly heads: number;
  readonly sectors: number;
} {
  const total = Math.min(totalSectors, 65_535 * 16 * 255);
  const shape = (sectors: number, heads: number): Shape => ({
    tracks: Math.floor(total / sectors),
    heads,
    sectors,
  });
  const isTooLong = ({ tracks, heads }: Shape): boolean => tracks >= heads * 1024;
  let found = shape(17, Math.max(4, Math.ceil(Math.floor(total / 17) / 1024)));
  if (isTooLong(found) || found.heads > 16) found = shape(31, 16);
  if (isTooLong(found)) found = shape(63, 16);
  if (total >= 65_535 * 16 * 63) found = shape(255, 16);
  const { tracks, heads, sectors } = found;
  return { cylinders: Math.floor(tracks / heads), heads, sectors };
}

interface Shape {
  readonly tracks: number;
  readonly heads: number;
  readonly sectors: number;
}
