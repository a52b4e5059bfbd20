/** What `ishmael help` prints. Pure. */
import type { Command } from './command.ts';

export function helpText(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}\n`);
  return `Usage: ishmael COMMAND [options]

Builds bootable machines from container images and runs them.

${lines.join('')}
"ishmael help COMMAND" tells more. Exit codes: 1 something failed, 2 bad options or a bad file, 3 no such machine
or service (any more), 4 the machine does not answer.
`;
}
