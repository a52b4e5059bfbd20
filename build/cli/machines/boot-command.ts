import type { BootReport } from '../../../supervisor/control/api.ts';
import { renderBootReport } from '../../run/boot-table.ts';
import { type Command, EXIT_OK } from '../command.ts';
import { onePositional, parseOptions } from '../parse-options.ts';
import { renderJson } from './json.ts';
import { print } from './screen.ts';
import { GUEST_HELP, GUEST_OPTIONS, withGuest } from './with-guest.ts';

export const bootCommand: Command = {
  name: 'boot',
  summary: 'how the boot of a machine went, step by step',
  usage: `Usage: ishmael boot NAME [options]

Shows each step of the boot with its time since the machine's kernel started, how long it took and what was
the matter with those that failed or were skipped; then when the machine had come how far.

${GUEST_HELP}

Examples:
  ishmael boot redis
  ishmael boot redis --json | jq .milestones.settled
`,
  completes: ['running'],
  async run(args) {
    const { values, positionals } = parseOptions(args, GUEST_OPTIONS);
    const name = onePositional(positionals, 'the NAME of a machine');
    return withGuest(name, values.timeout, async ({ client }) => {
      const report = await client.get<BootReport>('/v1/boot');
      await print(values.json ? renderJson(report) : renderBootReport(report));
      return EXIT_OK;
    });
  },
};
