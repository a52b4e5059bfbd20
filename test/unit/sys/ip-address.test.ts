import { expect, it } from 'vitest';
import { formatAddress } from '../../../sys/ip-address.ts';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));

it.each([
  ['0a00020f', '10.0.2.15'],
  ['00000000000000000000000000000000', '::'],
  ['00000000000000000000000000000001', '::1'],
  ['20010db8000000000000000000000015', '2001:db8::15'],
  // The first of two runs of the same length, and no run for a single zero (RFC 5952).
  ['20010db8000000000001000000000001', '2001:db8::1:0:0:1'],
  ['20010db8000000010001000100010001', '2001:db8:0:1:1:1:1:1'],
  ['fe800000000000000000000000000000', 'fe80::'],
  ['00000000000000000000ffff7f000001', '::ffff:127.0.0.1'],
  ['0a00', ''],
])('formatAddress() writes %s as %s', (hex, text) => {
  expect(formatAddress(bytes(hex))).toBe(text);
});
