import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../../build/cli/cli-error.ts';
import {
  noPositionals,
  onePositional,
  parseOptions,
  readAccel,
  readCount,
  readForwards,
  readImageName,
} from '../../../../build/cli/parse-options.ts';

const OPTIONS = {
  dir: { type: 'string', default: '.' },
  publish: { type: 'string', multiple: true },
  check: { type: 'boolean', default: false },
} as const;

/** The message of the usage error that `work` ends in. */
function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error('It was not refused');
}

describe('parseOptions()', () => {
  it('reads options and positionals in any order', () => {
    const args = ['--publish', '1:2', 'name', '--publish=3:4', '--check'];
    const { values, positionals } = parseOptions(args, OPTIONS);
    expect({ ...values }).toEqual({ dir: '.', publish: ['1:2', '3:4'], check: true });
    expect(positionals).toEqual(['name']);
  });

  it.each([
    [['--nope'], "'--nope'"],
    [['--dir'], "'--dir"],
    [['--check=yes'], "'--check'"],
  ])('refuses %j naming the option', (args, named) => {
    expect(refusal(() => parseOptions(args, OPTIONS))).toContain(named);
  });
});

describe('positionals', () => {
  it('onePositional() wants exactly one', () => {
    expect(onePositional(['a'], 'the NAME')).toBe('a');
    expect(refusal(() => onePositional([], 'the NAME'))).toBe('Missing the NAME');
    expect(refusal(() => onePositional(['a', 'b'], 'the NAME'))).toContain("'b'");
  });

  it('noPositionals() wants none', () => {
    expect(() => noPositionals([])).not.toThrow();
    expect(refusal(() => noPositionals(['x']))).toContain("'x'");
  });
});

describe('values of options', () => {
  it('readCount() wants a whole number from the least allowed', () => {
    expect(readCount('--cpus', '4', 1)).toBe(4);
    for (const text of ['0', '-1', '1.5', 'two', '', '1e3', '9999999999']) {
      expect(refusal(() => readCount('--cpus', text, 1))).toContain("'--cpus'");
    }
  });

  it('readAccel() knows three words', () => {
    expect(['auto', 'kvm', 'tcg'].map(readAccel)).toEqual(['auto', 'kvm', 'tcg']);
    expect(refusal(() => readAccel('xen'))).toContain("'--accel'");
  });

  it('readForwards() names the one it does not understand', () => {
    expect(readForwards(['1:2'])).toEqual([{ host: 1, guest: 2 }]);
    expect(refusal(() => readForwards(['1:2', '80']))).toMatch(/'--publish'.*'80'/);
  });

  it('readImageName() refuses what would leave the directory', () => {
    expect(readImageName('redis-1.0')).toBe('redis-1.0');
    for (const text of ['', '../x', 'a/b', '.x', 'a b']) {
      expect(refusal(() => readImageName(text))).toContain("'--name'");
    }
  });
});
