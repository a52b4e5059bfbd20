/**
 * What a person is told about a failure and with which code the program ends. Known failures are one
 * clear sentence; only a bug shows its stack. Pure.
 */
import { errnoCode, errorMessage } from '../../sys/errno.ts';
import { InvalidConfigError, UsageError } from './cli-error.ts';
import { MachineError } from '../machine/machine-error.ts';
import { EXIT_ABSENT, EXIT_FAILED, EXIT_NO_ANSWER, EXIT_USAGE } from './command.ts';

/**
 * The names of errors nobody throws on purpose. Every error of ours is a class with a name of its own
 * and a message for people; whatever bears one of these came from a mistake in the program.
 */
const BUGS: ReadonlySet<string> = new Set([
  'Error',
  'TypeError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'AssertionError',
]);

export interface Failure {
  readonly exitCode: number;
  /** Ends with a line feed. */
  readonly text: string;
}

export function describeFailure(error: unknown): Failure {
  if (error instanceof InvalidConfigError) return { exitCode: EXIT_USAGE, text: error.rendered };
  if (error instanceof UsageError) {
    const text = `ishmael: ${error.message}\nTry "ishmael help".\n`;
    return { exitCode: EXIT_USAGE, text };
  }
  return { exitCode: exitCodeOf(error), text: `ishmael: ${sentence(error)}\n` };
}

function exitCodeOf(error: unknown): number {
  if (!(error instanceof MachineError)) return EXIT_FAILED;
  switch (error.code) {
    case 'unknown':
    case 'ended':
    case 'no-service':
      return EXIT_ABSENT;
    case 'no-answer':
      return EXIT_NO_ANSWER;
    case 'name-taken':
    case 'not-started':
      return EXIT_FAILED;
  }
}

function sentence(error: unknown): string {
  const code = errnoCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return `Not enough disk: ${errorMessage(error)}; nothing was replaced`;
  }
  // Other errno errors name the call and the path themselves.
  if (code !== undefined && /^E[A-Z0-9]+$/.test(code)) return errorMessage(error);
  if (!(error instanceof Error) || !BUGS.has(error.name)) return errorMessage(error);
  return `a mistake in this program: ${error.stack ?? error.message}`;
}
