import { UsageError } from '../cli-error.ts';
import { type Command, EXIT_OK } from '../command.ts';
import { parseOptions, readPositionals } from '../parse-options.ts';
import { renderJson } from './json.ts';
import { print } from './screen.ts';
import { unitCalled } from './unit-called.ts';
import { GUEST_HELP, GUEST_OPTIONS, unitsOf, withGuest } from './with-guest.ts';

const ACTIONS = ['start', 'stop', 'restart'] as const;
const DONE = { start: 'start', stop: 'stop', restart: 'start again' } as const;

export const serviceCommand: Command = {
  name: 'service',
  summary: 'start, stop or restart a service of a machine',
  usage: `Usage: ishmael service start|stop|restart NAME SERVICE [options]

Asks the machine; "ishmael why NAME SERVICE" shows what came of it. A service that was stopped stays stopped
until it is started.

${GUEST_HELP}

Example:
  ishmael service restart redis dhcpcd
`,
  completes: [ACTIONS, 'running', 'service'],
  async run(args) {
    const { values, positionals } = parseOptions(args, GUEST_OPTIONS);
    const wanted = ['start, stop or restart', 'the NAME of a machine', 'the SERVICE'];
    const [word = '', name = '', service = ''] = readPositionals(positionals, wanted);
    const action = ACTIONS.find((known) => known === word);
    if (action === undefined) throw new UsageError(`There is no command 'service ${word}'`);
    return withGuest(name, values.timeout, async (guest) => {
      const { id } = unitCalled(await unitsOf(guest), service);
      await guest.client.post(`/v1/services/${encodeURIComponent(id)}/${action}`);
      if (values.json) await print(renderJson({ name, service: id, action }));
      else await print(`${id} is asked to ${DONE[action]}\n`);
      return EXIT_OK;
    });
  },
};
