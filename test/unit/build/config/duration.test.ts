import { assert, integer, property, string } from 'fast-check';
import { expect, test } from 'vitest';

import { parseDuration, renderDuration } from '../../../../build/config/duration.ts';

test.each([
  ['500ms', 500],
  ['10s', 10_000],
  ['1m30s', 90_000],
  ['2h', 7_200_000],
  ['1h2m3s4ms', 3_723_004],
  ['90m', 5_400_000],
  ['0s', 0],
])('parseDuration() reads %s', (text, ms) => expect(parseDuration(text)).toBe(ms));

test.each(['', '10', 's', '10 s', '1.5s', '-1s', '30s1m', '1s1s', '1d', '10S', '9e3s', '1s\n'])(
  'parseDuration() refuses %j',
  (text) => expect(parseDuration(text)).toBeUndefined(),
);

test('parseDuration() refuses what numbers cannot hold exactly', () => {
  expect(parseDuration(`${'9'.repeat(16)}ms`)).toBeUndefined();
});

test.each([
  [0, '0s'],
  [500, '500ms'],
  [90_000, '1m30s'],
  [3_600_000, '1h'],
  [3_600_001, '1h1ms'],
])('renderDuration() writes %i as short as can be', (ms, text) => {
  expect(renderDuration(ms)).toBe(text);
});

test('parseDuration() reads what renderDuration() writes', () => {
  assert(
    property(integer({ min: 0, max: 2 ** 40 }), (ms) => {
      expect(parseDuration(renderDuration(ms))).toBe(ms);
    }),
  );
});

test('parseDuration() makes of any text a whole number or nothing', () => {
  assert(
    property(string({ unit: 'grapheme-ascii' }), (text) => {
      const ms = parseDuration(text);
      expect(ms === undefined || (Number.isSafeInteger(ms) && ms >= 0)).toBe(true);
    }),
  );
});
