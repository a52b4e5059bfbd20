import { expect, test } from 'vitest';

import { parseSignal, SIGNAL_NAMES } from '../../../../build/config/signal.ts';

test.each([
  ['SIGTERM', 15],
  ['TERM', 15],
  ['sigquit', 3],
  ['15', 15],
  ['64', 64],
  ['SIGRTMIN', 34],
  ['SIGRTMIN+3', 37],
  ['RTMAX-1', 63],
])('parseSignal() reads %s', (text, number) => expect(parseSignal(text)).toBe(number));

test.each([
  '',
  '0',
  '65',
  '-1',
  '1.5',
  'SIG',
  '-',
  'SIGFOO',
  'SIGSIGTERM',
  'SIGRTMIN+31',
  'SIGRTMIN-1',
  'RTMAX-31',
])('parseSignal() refuses %j', (text) => expect(parseSignal(text)).toBeUndefined());

test('SIGNAL_NAMES holds each signal below the real-time ones', () => {
  expect(SIGNAL_NAMES.map(parseSignal)).toEqual(
    Array.from({ length: 31 }, (_, index) => index + 1),
  );
});
