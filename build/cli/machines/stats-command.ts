import type { UnitStatus } from '../../../supervisor/control/api.ts';
import type { UnitUsage } from '../../../supervisor/control/api-usage.ts';
import { type ControlClient, ControlError } from '../../../supervisor/control/client.ts';
import { type Command, EXIT_OK } from '../command.ts';
import { parseOptions, readPositionals } from '../parse-options.ts';
import { renderJson } from './json.ts';
import { print, printLines, screenWidth } from './screen.ts';
import { statsLines } from './stats-view.ts';
import { unitCalled } from './unit-called.ts';
import { GUEST_HELP, GUEST_OPTIONS, unitsOf, withGuest } from './with-guest.ts';

export const statsCommand: Command = {
  name: 'stats',
  summary: 'what the services of a machine have used, and what they are limited to',
  usage: `Usage: ishmael stats NAME [SERVICE] [options]

Shows of each service that runs, or of the one named, what its cgroup counts since it was started: processor time and how
often it had to wait for its share, memory now and at most beside its limit, processes, what was read from and written
to disks, and how long something in it had to wait for memory. "ishmael top" has the shares of now.

${GUEST_HELP}

Examples:
  ishmael stats redis
  ishmael stats redis redis --json | jq .memory.peakBytes
`,
  completes: ['running', 'service'],
  async run(args) {
    const { values, positionals } = parseOptions(args, GUEST_OPTIONS);
    const wanted = ['the NAME of a machine'];
    const [name = '', service] = readPositionals(positionals, wanted, ['SERVICE']);
    return withGuest(name, values.timeout, async (guest) => {
      const units = await unitsOf(guest);
      const asked = service === undefined ? units : [unitCalled(units, service)];
      const found = await Promise.all(asked.map(async (unit) => usageOf(guest.client, unit)));
      const usages = found.filter((usage) => usage !== undefined);
      if (values.json)
        await print(renderJson(service === undefined ? usages : (usages[0] ?? null)));
      else await printLines(statsLines(usages, screenWidth()));
      return EXIT_OK;
    });
  },
};

/** `undefined` of what does not run, and of what is PID 1's own. */
async function usageOf(client: ControlClient, { id }: UnitStatus): Promise<UnitUsage | undefined> {
  try {
    return await client.get<UnitUsage>(`/v1/services/${encodeURIComponent(id)}/usage`);
  } catch (error) {
    if (error instanceof ControlError && error.code === 'not-found') return undefined;
    throw error;
  }
}
