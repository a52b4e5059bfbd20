/** What a command of the `ishmael` program is. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** The whole of `ishmael help NAME`: usage line, what it does, options. */
  readonly usage: string;
  /** Resolves with the exit code; failures are thrown and told by report-failure.ts. */
  run(args: readonly string[]): Promise<number>;
}

/** Exit codes: 1 something failed, 2 what was asked for makes no sense. */
export const EXIT_OK = 0;
export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;
