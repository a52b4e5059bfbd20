import { durationText } from '../../../supervisor/view/time-text.ts';
import { listMachines, type Machine } from '../../machine/machine-registry.ts';
import { type Command, EXIT_OK } from '../command.ts';
import { noPositionals, parseOptions } from '../parse-options.ts';
import { machineJson, type MachineJson, renderJson } from './json.ts';
import { paint, print, printLines } from './screen.ts';
import { textTable } from './text-table.ts';

export const psCommand: Command = {
  name: 'ps',
  summary: 'list the machines that run here',
  usage: `Usage: ishmael ps [options]

Lists the machines that "ishmael run" has started and that still run: name, image, state, how long, QEMU's
pid and the ports of 127.0.0.1 that lead to theirs. It asks no guest.

  -a, --all  also the last ten that have ended, with how they ended
  --json     machine-readable, see docs/cli.md

Examples:
  ishmael ps
  ishmael ps --all --json
`,
  async run(args) {
    const { values, positionals } = parseOptions(args, {
      all: { type: 'boolean', short: 'a', default: false },
      json: { type: 'boolean', default: false },
    });
    noPositionals(positionals);
    const machines = await listMachines();
    const wanted = values.all ? machines : machines.filter(({ state }) => state !== 'ended');
    const nowMs = Date.now();
    const rows = wanted.map((machine) => machineJson(machine, nowMs));
    if (values.json) await print(renderJson(rows));
    else if (rows.length === 0) await print(nothing(machines));
    else await printLines(psLines(rows));
    return EXIT_OK;
  },
};

function nothing(machines: readonly Machine[]): string {
  const more = machines.length === 0 ? '' : ' ("ishmael ps --all" shows those that have ended)';
  return `No machine runs${more}.\n`;
}

function psLines(machines: readonly MachineJson[]): readonly string[] {
  const rows = machines.map(({ name, image, state, uptimeMs, pid, ports, end }) => [
    name,
    image,
    state,
    uptimeMs === undefined ? '-' : durationText(uptimeMs),
    pid === undefined ? '-' : String(pid),
    end?.text.split('\n')[0] ?? ports.map(({ host, guest }) => `${host}->${guest}`).join(' '),
  ]);
  const [head = '', ...lines] = textTable([
    ['NAME', 'IMAGE', 'STATE', 'UPTIME', 'PID', 'PORTS'],
    ...rows,
  ]);
  return [
    head,
    ...lines.map((line, index) => (machines[index]?.state === 'ended' ? paint('dim', line) : line)),
  ];
}
