/** From the words after `ishmael` to the command that runs. */
import { buildCommand } from './build-command.ts';
import { UsageError } from './cli-error.ts';
import type { Command } from './command.ts';
import { componentsCommand } from './components-command.ts';
import { helpCommand } from './help-command.ts';
import { runCommand } from './run-command.ts';
import { startCommand } from './start-command.ts';

const COMMANDS: readonly Command[] = [buildCommand, runCommand, componentsCommand, startCommand];
const HELP = helpCommand(COMMANDS);

/** Resolves with the exit code; rejects with whatever the command failed with. */
export async function dispatch(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined) throw new UsageError('Missing a command');
  if (name === 'help' || name === '--help' || name === '-h') return HELP.run(rest);
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command === undefined) throw new UsageError(`There is no command '${name}'`);
  if (rest.includes('--help')) return HELP.run([name]);
  return command.run(rest);
}
