import type { Command } from './command.ts';
import { UsageError } from './cli-error.ts';

/** `ishmael help [COMMAND]`; @param commands all others, in the order to show. */
export function helpCommand(commands: readonly Command[]): Command {
  return {
    name: 'help',
    summary: 'show this, or what a command does',
    usage: 'Usage: ishmael help [COMMAND]\n',
    run(args) {
      process.stdout.write(helpText(commands, args[0]));
      return Promise.resolve(0);
    },
  };
}

/** Throws `UsageError` for a command that does not exist. */
export function helpText(commands: readonly Command[], name: string | undefined): string {
  if (name !== undefined) {
    const command = commands.find((candidate) => candidate.name === name);
    if (command === undefined) throw new UsageError(`There is no command '${name}'`);
    return command.usage;
  }
  const width = Math.max(...commands.map((command) => command.name.length));
  const lines = commands.map(
    ({ name: shown, summary }) => `  ${shown.padEnd(width)}  ${summary}\n`,
  );
  return `Usage: ishmael COMMAND [options]

Builds bootable machines from container images and runs them.

${lines.join('')}
"ishmael help COMMAND" tells more. Exit codes: 1 something failed, 2 bad options or a bad file.
`;
}
