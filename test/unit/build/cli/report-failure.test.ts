import { describe, expect, it } from 'vitest';
import { InvalidConfigError, UsageError } from '../../../../build/cli/cli-error.ts';
import { describeFailure } from '../../../../build/cli/report-failure.ts';
import { MissingToolError } from '../../../../build/host-tools.ts';
import { MachineError } from '../../../../build/machine/machine-error.ts';
import { VmError } from '../../../../build/run/vm-error.ts';
import { SysError } from '../../../../sys/errno.ts';

describe('describeFailure()', () => {
  it('ends with 2 for bad options, and says where help is', () => {
    const { exitCode, text } = describeFailure(new UsageError("Unknown option '--x'"));
    expect(exitCode).toBe(2);
    expect(text).toBe(`ishmael: Unknown option '--x'\nTry "ishmael help".\n`);
  });

  it('ends with 2 for a bad file, and shows its problems as they are', () => {
    const rendered = 'a.yml:1:1: no\n';
    expect(describeFailure(new InvalidConfigError(rendered))).toEqual({
      exitCode: 2,
      text: rendered,
    });
  });

  it.each([
    [new VmError('timeout', 'Redis did not answer')],
    [new MissingToolError([{ command: 'xz', package: 'xz-utils', why: 'unpack' }])],
    [new SysError('open', 'EACCES', '/x')],
    [Object.assign(new Error("EISDIR: read, open '/x'"), { code: 'EISDIR' })],
  ])('is one sentence and 1 for %s', (error) => {
    expect(describeFailure(error)).toEqual({ exitCode: 1, text: `ishmael: ${error.message}\n` });
  });

  it.each([
    ['unknown', 3],
    ['ended', 3],
    ['no-service', 3],
    ['no-answer', 4],
    ['name-taken', 1],
    ['not-started', 1],
  ] as const)('ends with its own code for a machine that is %s: %i', (code, exitCode) => {
    const error = new MachineError(code, 'words');
    expect(describeFailure(error)).toEqual({ exitCode, text: 'ishmael: words\n' });
  });

  it('says "not enough disk" for a full disk and a full quota', () => {
    for (const code of ['ENOSPC', 'EDQUOT']) {
      const { exitCode, text } = describeFailure(Object.assign(new Error(code), { code }));
      expect(exitCode).toBe(1);
      expect(text).toContain('Not enough disk');
    }
  });

  it('shows the stack of a mistake in the program', () => {
    for (const error of [new TypeError('x is undefined'), new Error('impossible')]) {
      const { exitCode, text } = describeFailure(error);
      expect(exitCode).toBe(1);
      expect(text).toContain('report-failure.test.ts');
    }
  });

  it('survives something thrown that is no error', () => {
    expect(describeFailure('word').text).toBe('ishmael: word\n');
  });
});
