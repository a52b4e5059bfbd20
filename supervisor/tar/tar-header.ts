/**
 * The 512 bytes before each entry of a tar archive: v7, ustar and GNU. Pure.
 *
 *   offset size              offset size             offset size
 *     0    100 name            148    8 checksum       329    8 device major
 *   100      8 mode            156    1 type           337    8 device minor
 *   108      8 uid             157  100 link target    345  155 prefix of the name (ustar only)
 *   116      8 gid             257    6 magic          386      sparse map (GNU type S only)
 *   124     12 size            263    2 version
 *   136     12 mtime           265   32 user, 297 32 group
 */
import { TarError } from './tar-error.ts';

export const BLOCK = 512;

export interface TarHeader {
  readonly name: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: number;
  /** One character; `0` for the NUL of v7. */
  readonly type: string;
  readonly linkname: string;
  readonly major: number;
  readonly minor: number;
}

/** `undefined` for the block of zeros that ends an archive. Throws `TarError`. */
export function decodeHeader(block: Buffer): TarHeader | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  const name = text(block, 0, 100);
  if (checksum(block) !== number(block, 148, 8, name)) {
    throw new TarError('malformed', name, 'the checksum of its header is wrong');
  }
  const isUstar = block.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = isUstar ? text(block, 345, 155) : '';
  const type = block.toString('latin1', 156, 157);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    mode: number(block, 100, 8, name),
    uid: number(block, 108, 8, name),
    gid: number(block, 116, 8, name),
    size: number(block, 124, 12, name),
    mtime: number(block, 136, 12, name),
    type: type === '\0' ? '0' : type,
    linkname: text(block, 157, 100),
    major: number(block, 329, 8, name),
    minor: number(block, 337, 8, name),
  };
}

/** The header of one entry; names and numbers must fit, which the caller sees to with a PAX header. */
export function encodeHeader(header: TarHeader): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(header.name, 0, 100);
  const octal = (value: number, offset: number, digits: number): void => {
    block.write(value.toString(8).padStart(digits, '0'), offset);
  };
  octal(header.mode, 100, 7);
  octal(header.uid, 108, 7);
  octal(header.gid, 116, 7);
  octal(header.size, 124, 11);
  octal(header.mtime, 136, 11);
  block.write(header.type, 156);
  block.write(header.linkname, 157, 100);
  block.write('ustar\x0000', 257, 'latin1');
  octal(header.major, 329, 7);
  octal(header.minor, 337, 7);
  block.write(`${checksum(block).toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

/** A number as digits (octal) or, when the first bit is set, as a big-endian integer (GNU's base 256). */
export function number(block: Buffer, offset: number, length: number, name: string): number {
  const field = block.subarray(offset, offset + length);
  const first = field[0] ?? 0;
  if ((first & 0x80) !== 0) return base256(field, name);
  const digits = field
    .toString('latin1')
    .replace(/\0[^]*$/u, '')
    .trim();
  if (digits === '') return 0;
  if (!/^[0-7]+$/u.test(digits)) throw new TarError('malformed', name, 'its header is no header');
  return Number.parseInt(digits, 8);
}

function base256(field: Buffer, name: string): number {
  const isNegative = (field[0] ?? 0) === 0xff;
  let value = BigInt(isNegative ? -1 : (field[0] ?? 0) & 0x7f);
  for (const byte of field.subarray(1)) value = value * 256n + BigInt(byte);
  const result = Number(value);
  if (Number.isSafeInteger(result)) return result;
  throw new TarError('absurd', name, `a number of its header is ${value}`);
}

function text(block: Buffer, offset: number, length: number): string {
  const field = block.subarray(offset, offset + length);
  const end = field.indexOf(0);
  return utf8(end === -1 ? field : field.subarray(0, end));
}

/** Throws `TarError` for bytes that are no UTF-8: two such names could become the same. */
export function utf8(bytes: Buffer): string {
  const decoded = bytes.toString('utf8');
  if (!decoded.includes('\ufffd') || Buffer.from(decoded).equals(bytes)) return decoded;
  throw new TarError('unsupported', bytes.toString('latin1'), 'its name is not UTF-8');
}

/** The sum of all bytes, those of the checksum itself taken as spaces. */
function checksum(block: Buffer): number {
  let sum = 8 * 0x20;
  for (const [index, byte] of block.entries()) if (index < 148 || index >= 156) sum += byte;
  return sum;
}
