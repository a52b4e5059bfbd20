import { removeMachine } from '../../machine/machine-registry.ts';
import { type Command, EXIT_FAILED, EXIT_OK } from '../command.ts';
import { parseOptions, somePositionals } from '../parse-options.ts';
import { renderJson } from './json.ts';
import { note, print } from './screen.ts';

export const rmCommand: Command = {
  name: 'rm',
  summary: 'forget machines that have ended, and their console logs',
  usage: `Usage: ishmael rm NAME… [--json]

Removes what is left of machines that have ended. Without it the last ten stay, until a new machine
takes the name. A machine that runs is not touched.

  --json  machine-readable, see docs/cli.md

Example:
  ishmael rm redis
`,
  completes: ['machine'],
  async run(args) {
    const { values, positionals } = parseOptions(args, {
      json: { type: 'boolean', default: false },
    });
    const told: { readonly name: string; readonly removed: boolean }[] = [];
    for (const name of somePositionals(positionals, 'the NAME of a machine')) {
      told.push({ name, removed: await removeMachine(name) });
    }
    const running = told.filter(({ removed }) => !removed);
    for (const { name } of running) note(`"${name}" runs: "ishmael stop ${name}" first`);
    if (values.json) await print(renderJson(told));
    return running.length === 0 ? EXIT_OK : EXIT_FAILED;
  },
};
