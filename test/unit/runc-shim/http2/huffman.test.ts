import { describe, expect, it } from 'vitest';
import { decodeHuffman } from '../../../../runc-shim/http2/huffman.ts';

/** @param codes as RFC 7541, appendix B writes them, `|` between the bytes */
function bytesOf(codes: string): Buffer {
  const bits = codes.replaceAll(/[^01]/gu, '');
  const padded = bits.padEnd(Math.ceil(bits.length / 8) * 8, '1');
  return Buffer.from((padded.match(/.{8}/gu) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

describe('decodes the codes of RFC 7541, appendix B', () => {
  it.each([
    [0x00, '11111111|11000'],
    [0x01, '11111111|11111111|1011000'],
    [0x09, '11111111|11111111|11101010'],
    [0x0a, '11111111|11111111|11111111|111100'],
    [0x20, '010100'],
    [0x30, '00000'],
    [0x5c, '11111111|11111110|000'],
    [0x74, '01001'],
    [0x7e, '11111111|11101'],
    [0x7f, '11111111|11111111|11111111|1100'],
    [0x80, '11111111|11111110|0110'],
    [0xfe, '11111111|11111111|11111110|000'],
    [0xff, '11111111|11111111|11111011|10'],
  ])('%i', (byte, code) => {
    expect([...decodeHuffman(bytesOf(code))]).toEqual([byte]);
    expect([...decodeHuffman(bytesOf(`${code}00000${code}`))]).toEqual([byte, 0x30, byte]);
  });
});

it('takes an empty text, and up to seven bits of padding', () => {
  expect(decodeHuffman(Buffer.of())).toHaveLength(0);
  // "/" has six bits, four of them 24.
  expect(decodeHuffman(bytesOf('011000|011000|011000|011000')).toString()).toBe('////');
  expect(() => decodeHuffman(Buffer.of(0b0110_0011, 0b1111_1111))).toThrow('within a character');
});
