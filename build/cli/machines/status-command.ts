import type { MachineInfo, UnitStatus } from '../../../supervisor/control/api.ts';
import { emergencyLines } from '../../../supervisor/view/emergency-view.ts';
import { machineLine, statusLines, unitLines } from '../../../supervisor/view/status-view.ts';
import { type Command, EXIT_OK } from '../command.ts';
import { parseOptions, readPositionals } from '../parse-options.ts';
import { renderJson } from './json.ts';
import { paint, print, printLines, screenWidth } from './screen.ts';
import { GUEST_HELP, GUEST_OPTIONS, unitsOf, withGuest } from './with-guest.ts';
import { unitCalled } from './unit-called.ts';

export const statusCommand: Command = {
  name: 'status',
  summary: 'what runs in a machine, what failed and why',
  usage: `Usage: ishmael status NAME [SERVICE] [options]

Shows uptime, memory and every task and service of the machine; with SERVICE all about that one.

${GUEST_HELP}

Examples:
  ishmael status redis
  ishmael status redis dhcpcd
  ishmael status redis --json | jq '.services[] | select(.state == "failed")'
`,
  completes: ['running', 'service'],
  async run(args) {
    const { values, positionals } = parseOptions(args, GUEST_OPTIONS);
    const [name = '', service] = readPositionals(
      positionals,
      ['the NAME of a machine'],
      ['SERVICE'],
    );
    return withGuest(name, values.timeout, async (guest) => {
      const units = await unitsOf(guest);
      const unit = service === undefined ? undefined : unitCalled(units, service);
      if (values.json) {
        await print(renderJson(unit ?? { machine: guest.machine, services: units }));
      } else if (unit === undefined) {
        await printLines(overview(guest.machine, units));
      } else {
        await printLines(unitLines(unit, guest.machine.uptimeMs, screenWidth()));
      }
      return EXIT_OK;
    });
  },
};

function overview(machine: MachineInfo, units: readonly UnitStatus[]): readonly string[] {
  const width = screenWidth();
  const { emergency } = machine;
  return [
    ...(emergency === undefined ? [] : emergencyLines(emergency, width)),
    machineLine(machine),
    ...statusLines(units, machine.uptimeMs, width).map(coloured),
  ];
}

/** The first word of state that stands in a line of the table. */
function coloured(line: string): string {
  return line.replace(
    /(?<= (?:service|onboot|onshutdown|system) +)(?:running|finished|failed|backoff|waiting|starting|stopping)(?= )/,
    (state) => paint(state === 'failed' ? 'red' : GOOD.includes(state) ? 'green' : 'yellow', state),
  );
}

const GOOD: readonly string[] = ['running', 'finished'];
