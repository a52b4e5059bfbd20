import { expect, it } from 'vitest';
import { refusalCode } from '../../../../supervisor/exec/refusal-code.ts';

it.each([
  ['exec failed: exec: "nope": executable file not found in $PATH', 'no-program'],
  ['exec: "/nope": stat /nope: no such file or directory', 'no-program'],
  ['executable file `nope` not found in $PATH: No such file or directory', 'no-program'],
  ['exec: "/etc/passwd": permission denied', 'not-executable'],
  ['open executable: Permission denied', 'not-executable'],
  ['container does not exist', 'exec-failed'],
])('refusalCode() of "%s" is %s', (words, code) => {
  expect(refusalCode(words)).toBe(code);
});
