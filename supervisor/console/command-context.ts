/** What a command has to work with, at a console as in a shell. */
import type { ControlClient } from '../control/client.ts';
import type { ExecRequest } from '../exec/exec-shapes.ts';
import type { ExecOutputs, RunningExec } from '../exec/open-exec.ts';
import type { ConsoleMode } from './policy.ts';
import type { ProgramTerminal } from './program-terminal.ts';
import type { Style } from '../view/style.ts';

/** Begins a program in a unit's container; as `openExec`, of which it knows where PID 1 listens. */
export type BeginExec = (
  id: string,
  request: ExecRequest,
  outputs: ExecOutputs,
) => Promise<RunningExec>;

export interface CommandContext {
  readonly client: ControlClient;
  /** Resolves when there is room for more. */
  print(lines: readonly string[], style?: Style): Promise<void>;
  /** Shows a picture in place of the one before, where the terminal can. Resolves as `print` does. */
  showFrame?(lines: readonly string[]): Promise<void>;
  /** How many columns a line may have; `Infinity` when nobody looks. */
  readonly width: number;
  /** What the person may do: a command that tells of others leaves out what is not allowed. */
  readonly mode: ConsoleMode;
  readonly signal: AbortSignal;
  /** For `exec`, where there is a terminal that a program can have. */
  readonly program?: { readonly terminal: ProgramTerminal; readonly exec: BeginExec };
}
