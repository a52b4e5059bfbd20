/** What a command of the `ishmael` program is. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** The whole of `ishmael help NAME`: usage line, what it does, options. */
  readonly usage: string;
  /** What its arguments are, in their order, for shell completion; the last one may be repeated. */
  readonly completes?: readonly Completes[];
  /** Resolves with the exit code; failures are thrown and told by report-failure.ts. */
  run(args: readonly string[]): Promise<number>;
}

/** A machine that runs, any one that is known, a service of the machine named before, a file, one of these words. */
export type Completes = 'running' | 'machine' | 'service' | 'file' | readonly string[];

/**
 * Exit codes: 1 something failed, 2 what was asked for makes no sense, 3 there is no such machine or service or
 * it has ended, 4 the machine's guest does not answer.
 */
export const EXIT_OK = 0;
export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;
export const EXIT_ABSENT = 3;
export const EXIT_NO_ANSWER = 4;
