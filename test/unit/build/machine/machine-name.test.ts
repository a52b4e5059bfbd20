import { describe, expect, it } from 'vitest';
import { freeName, isMachineName } from '../../../../build/machine/machine-name.ts';

describe('isMachineName()', () => {
  it.each(['redis', 'a.b-c_2', 'x'.repeat(40)])('takes %s', (name) => {
    expect(isMachineName(name)).toBe(true);
  });
  it.each(['', '.lock', '../up', 'a/b', '-f', 'x'.repeat(41)])('refuses %j', (name) => {
    expect(isMachineName(name)).toBe(false);
  });
});

describe('freeName()', () => {
  it('is the wanted name, or the first number that is free', () => {
    expect(freeName('m', [])).toBe('m');
    expect(freeName('m', ['m', 'm-2', 'm-4'])).toBe('m-3');
  });
  it('stays a name where the image has a long one', () => {
    const long = 'x'.repeat(60);
    expect(isMachineName(freeName(long, []))).toBe(true);
    expect(isMachineName(freeName(long, [freeName(long, [])]))).toBe(true);
  });
});
