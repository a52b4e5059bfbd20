import type { ExecRefusal } from './exec-shapes.ts';

/**
 * Which of its ways a runtime has refused a command in. Pure. There is nothing but its words to tell by, as
 * for Docker; what is not known here is `exec-failed`, which is true of all of them.
 *
 *   runc   exec: "nope": executable file not found in $PATH
 *          exec: "/nope": stat /nope: no such file or directory
 *          exec: "/etc/passwd": permission denied
 *   crun   executable file `nope` not found in $PATH: No such file or directory
 *          open executable: Permission denied
 */
export function refusalCode(words: string): ExecRefusal['code'] {
  if (/executable file .*not found|exec.*: no such file or directory/i.test(words))
    return 'no-program';
  return /exec.*: permission denied/i.test(words) ? 'not-executable' : 'exec-failed';
}
