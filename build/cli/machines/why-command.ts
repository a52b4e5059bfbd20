import type { HealthReport, HistoryEntry, LogLine } from '../../../supervisor/control/api.ts';
import { type ControlClient, ControlError } from '../../../supervisor/control/client.ts';
import { whyLines } from '../../../supervisor/view/why-view.ts';
import { type Command, EXIT_OK } from '../command.ts';
import { parseOptions, readPositionals } from '../parse-options.ts';
import { renderJson } from './json.ts';
import { print, printLines, screenWidth } from './screen.ts';
import { unitCalled } from './unit-called.ts';
import { GUEST_HELP, GUEST_OPTIONS, unitsOf, withGuest } from './with-guest.ts';

const EVENTS = 10;
const LINES = 10;

export const whyCommand: Command = {
  name: 'why',
  summary: 'why a service is as it is: what it waits for, how it ended, what it said last',
  usage: `Usage: ishmael why NAME SERVICE [options]

Shows the state of a service or task with its reason (what it waits for, when it is started again), how it
ended last, what its health check has answered, what has happened to it and the last lines it has written.

${GUEST_HELP}

Examples:
  ishmael why redis dhcpcd
  ishmael why redis dhcpcd --json | jq .unit.reason
`,
  completes: ['running', 'service'],
  async run(args) {
    const { values, positionals } = parseOptions(args, GUEST_OPTIONS);
    const wanted = ['the NAME of a machine', 'the SERVICE'];
    const [name = '', service = ''] = readPositionals(positionals, wanted);
    return withGuest(name, values.timeout, async (guest) => {
      const { client, machine } = guest;
      const unit = unitCalled(await unitsOf(guest), service);
      const path = `/v1/services/${encodeURIComponent(unit.id)}`;
      const [health, events, logs] = await Promise.all([
        healthOf(client, `${path}/health`),
        all<HistoryEntry>(client, '/v1/events'),
        all<LogLine>(client, `${path}/logs?tail=${LINES}`),
      ]);
      const own = events.filter((entry) => entry.unit === unit.id).slice(-EVENTS);
      const facts = { unit, health, events: own, logs };
      if (values.json) await print(renderJson(facts));
      else await printLines(whyLines(facts, machine.uptimeMs, screenWidth()));
      return EXIT_OK;
    });
  },
};

async function all<T>(client: ControlClient, path: string): Promise<readonly T[]> {
  const items: T[] = [];
  await client.stream<T>(path, (item) => void items.push(item));
  return items;
}

async function healthOf(client: ControlClient, path: string): Promise<HealthReport | undefined> {
  try {
    return await client.get<HealthReport>(path);
  } catch (error) {
    // Without a check, or while it does not run.
    if (error instanceof ControlError && error.code === 'not-found') return undefined;
    throw error;
  }
}
