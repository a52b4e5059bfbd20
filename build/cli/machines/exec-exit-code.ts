/** What `ishmael exec` ends with. Pure. The numbers are those of shells and of docker. */
import type { ExecEnd } from '../../../supervisor/exec/exec-shapes.ts';

export const EXIT_EXEC_FAILED = 125;
const EXIT_NOT_EXECUTABLE = 126;
const EXIT_NO_PROGRAM = 127;
const EXIT_SIGNALED = 128;

export function execExitCode(end: ExecEnd): number {
  switch (end.kind) {
    case 'exited':
      return end.code;
    case 'signaled':
      return EXIT_SIGNALED + end.signal;
    case 'refused':
      if (end.code === 'no-program') return EXIT_NO_PROGRAM;
      return end.code === 'not-executable' ? EXIT_NOT_EXECUTABLE : EXIT_EXEC_FAILED;
  }
}
