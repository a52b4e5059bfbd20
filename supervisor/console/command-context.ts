/** What a command has to work with, at a console as in a shell. */
import type { ControlClient } from '../control/client.ts';
import type { ConsoleMode } from './policy.ts';

export interface CommandContext {
  readonly client: ControlClient;
  /** Resolves when there is room for more. */
  print(lines: readonly string[]): Promise<void>;
  /** How many columns a line may have; `Infinity` when nobody looks. */
  readonly width: number;
  /** What the person may do: a command that tells of others leaves out what is not allowed. */
  readonly mode: ConsoleMode;
  readonly signal: AbortSignal;
}
