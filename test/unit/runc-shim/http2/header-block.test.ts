import { describe, expect, it } from 'vitest';
import {
  encodeHeaders,
  type Header,
  HeaderDecoder,
} from '../../../../runc-shim/http2/header-block.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

it('decodes what it encodes, of any length', () => {
  const headers: Header[] = [
    [':path', '/a.B/C'],
    ['x', ''],
    ['long', 'ä'.repeat(127)],
    ['longer', 'y'.repeat(40_000)],
  ];
  expect(new HeaderDecoder().decode(encodeHeaders(headers))).toEqual(headers);
});

it('decodes the answers of RFC 7541, C.6: Huffman, a table of 256 bytes that is too small', () => {
  const decoder = new HeaderDecoder(256);
  const [date, location] = [
    ['date', 'Mon, 21 Oct 2013 20:13:21 GMT'],
    ['location', 'https://www.example.com'],
  ];
  const first = hex(
    '4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3',
  );
  expect(decoder.decode(first)).toEqual([
    [':status', '302'],
    ['cache-control', 'private'],
    date,
    location,
  ]);
  expect(decoder.decode(hex('4883 640e ffc1 c0bf'))).toEqual([
    [':status', '307'],
    ['cache-control', 'private'],
    date,
    location,
  ]);
  const third = hex(
    '88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07',
  );
  expect(decoder.decode(third)).toEqual([
    [':status', '200'],
    ['cache-control', 'private'],
    ['date', 'Mon, 21 Oct 2013 20:13:22 GMT'],
    location,
    ['content-encoding', 'gzip'],
    ['set-cookie', 'foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1'],
  ]);
});

it('knows the names of the static table', () => {
  const numbers = [1, 2, 14, 31, 57, 61].map((number) => 0x80 | number);
  expect(new HeaderDecoder().decode(Buffer.from(numbers))).toEqual([
    [':authority', ''],
    [':method', 'GET'],
    [':status', '500'],
    ['content-type', ''],
    ['transfer-encoding', ''],
    ['www-authenticate', ''],
  ]);
});

it('remembers nothing when the server says so', () => {
  const decoder = new HeaderDecoder();
  // A literal to be remembered; no table; number 62.
  expect(decoder.decode(hex('4001780179 be'))).toHaveLength(2);
  expect(() => decoder.decode(hex('20 be'))).toThrow('number 62');
});

describe('says that it is no header block', () => {
  it.each([
    ['number 0', '80'],
    ['a number that is not there', 'ff00'],
    ['a number without an end', 'ffffffffffffffffffff7f'],
    ['a number of zeros without an end', 'ff80808080808080808000'],
    ['a text that is cut off', '0005616263'],
    ['nothing behind a name', '000161'],
    ['a larger table than it was allowed', '3fe21f'],
    ['Huffman with an end in it', '0084ffffffff00'],
    ['Huffman with a byte of padding', '00820fff00'],
    ['Huffman with padding of zeros', '00811800'],
  ])('%s', (_what, block) => {
    expect(() => new HeaderDecoder().decode(hex(block))).toThrow(
      expect.objectContaining({ code: 'protocol' }),
    );
  });

  it('and takes the largest table that it has allowed', () => {
    expect(new HeaderDecoder().decode(hex('3fe11f'))).toEqual([]);
  });
});
