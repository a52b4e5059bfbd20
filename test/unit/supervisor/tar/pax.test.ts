import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodePax, encodePax } from '../../../../supervisor/tar/pax.ts';

describe('decodePax()', () => {
  test('reads what encodePax() writes, whatever the bytes', () => {
    const key = fc.stringMatching(/^[A-Za-z.]{1,20}$/u);
    const value = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(fc.array(fc.tuple(key, value)), (records) => {
        expect(decodePax(encodePax(records))).toEqual(records);
      }),
    );
  });

  test('counts its own digits', () => {
    // 99 bytes without the length, which needs three digits then: 99 and two digits are 101.
    const text = encodePax([['k', Buffer.alloc(95, 'v')]]).toString();
    expect(text).toMatch(/^102 k=v{95}\n$/u);
    expect(encodePax([['k', Buffer.alloc(5, 'v')]]).toString()).toBe('11 k=vvvvv\n');
  });

  test.each(['5 a=b', '99 a=b\n', '0 a=b\n', 'x a=b\n', '7 aabb\n', '-7 a=b\n', '6a=bcd'])(
    'refuses %j',
    (text) => {
      expect(() => decodePax(Buffer.from(text))).toThrow('no whole record');
    },
  );
});
