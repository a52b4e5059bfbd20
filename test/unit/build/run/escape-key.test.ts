import { expect, it } from 'vitest';
import { splitEscapes } from '../../../../build/run/escape-key.ts';

it('splitEscapes() leaves Ctrl-C, Ctrl-D and everything else to the guest', () => {
  const typed = Buffer.from('ls\x03\x04\x01x\x1b[A\r');
  expect(splitEscapes(typed)).toEqual({ bytes: typed, escapes: 0 });
});

it('splitEscapes() takes out and counts the escape key', () => {
  const { bytes, escapes } = splitEscapes(Buffer.from('a\x1db\x1d'));
  expect(Buffer.from(bytes).toString()).toBe('ab');
  expect(escapes).toBe(2);
});
