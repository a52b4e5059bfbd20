/**
 * Records of a PAX extended header (POSIX pax, "pax Extended Header"): `LENGTH KEY=VALUE\n`, the decimal
 * length counting itself. Values are bytes: extended attributes are no text.
 */
import { TarError } from './tar-error.ts';

export type PaxRecord = readonly [key: string, value: Buffer];

/** In order, for GNU's oldest sparse form repeats keys. Throws `TarError`. */
export function decodePax(bytes: Buffer): readonly PaxRecord[] {
  const records: PaxRecord[] = [];
  let at = 0;
  while (at < bytes.length) {
    const space = bytes.indexOf(0x20, at);
    const digits = space === -1 ? '' : bytes.toString('latin1', at, space);
    const length = /^[1-9]\d{0,9}$/u.test(digits) ? Number(digits) : 0;
    const end = at + length;
    const equals = bytes.indexOf(0x3d, space);
    const isWhole = length > 0 && end <= bytes.length && bytes[end - 1] === 0x0a;
    if (!isWhole || equals === -1 || equals >= end) {
      throw new TarError('malformed', '', 'an extended header holds no whole record');
    }
    records.push([bytes.toString('utf8', space + 1, equals), bytes.subarray(equals + 1, end - 1)]);
    at = end;
  }
  return records;
}

export function encodePax(records: readonly PaxRecord[]): Buffer {
  return Buffer.concat(
    records.map(([key, value]) => {
      const rest = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from('\n')]);
      // The length's own digits may make it one digit longer.
      let length = rest.length + String(rest.length).length;
      length = rest.length + String(length).length;
      return Buffer.concat([Buffer.from(String(length)), rest]);
    }),
  );
}
