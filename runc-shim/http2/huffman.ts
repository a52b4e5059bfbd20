/** The Huffman code of HTTP/2's header fields (RFC 7541, appendix B), one way: requests of ours are sent as they are. Pure. */
import { Http2Error } from './http2-error.ts';

/**
 * How many bits each byte has, and last the end of a string (EOS). The lengths are all there is to know: the code is canonical, shorter
 * ones first and those of one length in the order of the bytes.
 */
// prettier-ignore
const LENGTHS = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
  6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
  15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
  20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
  22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
  26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
  20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
  30,
];

const EOS = 256;
const LONGEST = 30;

interface Codes {
  /** The first code of this length. */
  readonly first: number;
  readonly count: number;
  /** Where its symbol is in `symbols`. */
  readonly at: number;
}

interface Tables {
  readonly symbols: readonly number[];
  readonly byLength: readonly Codes[];
}

/** Made with the first text: most machines have no containerd to hear one from. */
let tables: Tables | undefined;

function makeTables(): Tables {
  const symbols = LENGTHS.map((_length, symbol) => symbol).sort(
    (one, other) => (LENGTHS[one] ?? 0) - (LENGTHS[other] ?? 0) || one - other,
  );
  const byLength: Codes[] = [{ first: 0, count: 0, at: 0 }];
  for (let length = 1; length <= LONGEST; length += 1) {
    const shorter = byLength[length - 1] ?? { first: 0, count: 0, at: 0 };
    byLength.push({
      first: (shorter.first + shorter.count) * 2,
      count: LENGTHS.filter((each) => each === length).length,
      at: shorter.at + shorter.count,
    });
  }
  return { symbols, byLength };
}

/** Throws `Http2Error` `protocol` for what is no whole string: an EOS in it, or an end that is no padding. */
export function decodeHuffman(bytes: Uint8Array): Buffer {
  tables ??= makeTables();
  const { symbols, byLength } = tables;
  const text: number[] = [];
  let code = 0;
  let length = 0;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit -= 1) {
      code = code * 2 + ((byte >> bit) & 1);
      length += 1;
      const { first = 0, count = 0, at = 0 } = byLength[length] ?? {};
      if (code - first >= count) continue;
      const symbol = symbols[at + code - first] ?? EOS;
      if (symbol === EOS) throw new Http2Error('protocol', 'a header with an end in the middle');
      text.push(symbol);
      code = 0;
      length = 0;
    }
  }
  // The beginning of an EOS, shorter than a byte.
  if (length > 7 || code !== 2 ** length - 1) {
    throw new Http2Error('protocol', 'a header that ends within a character');
  }
  return Buffer.from(text);
}
