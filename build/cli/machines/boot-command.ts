import type { BootReport } from '../../../supervisor/control/api.ts';
import { bootLines } from '../../../supervisor/view/boot-view.ts';
import { type Command, EXIT_OK } from '../command.ts';
import { onePositional, parseOptions } from '../parse-options.ts';
import { renderJson } from './json.ts';
import { print, printLines, screenWidth } from './screen.ts';
import { GUEST_HELP, GUEST_OPTIONS, unitsOf, withGuest } from './with-guest.ts';

export const bootCommand: Command = {
  name: 'boot',
  summary: 'what the boot of a machine has spent its time on',
  usage: `Usage: ishmael boot NAME [options]

Shows the boot in a picture: its steps with their times since the machine's kernel started, what was the matter with those
that failed, when each task and service was up, and what the boot waited for, one thing after another.

  --all             each step, however short
${GUEST_HELP}

Examples:
  ishmael boot redis
  ishmael boot redis --json | jq .milestones.settled
`,
  completes: ['running'],
  async run(args) {
    const { values, positionals } = parseOptions(args, {
      ...GUEST_OPTIONS,
      all: { type: 'boolean', default: false },
    });
    const name = onePositional(positionals, 'the NAME of a machine');
    return withGuest(name, values.timeout, async (guest) => {
      const report = await guest.client.get<BootReport>('/v1/boot');
      const shape = { width: screenWidth(), all: values.all };
      if (values.json) await print(renderJson(report));
      else await printLines(bootLines(report, await unitsOf(guest), shape));
      return EXIT_OK;
    });
  },
};
