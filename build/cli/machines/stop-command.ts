import type { MachineEnd, MachineRecord } from '../../machine/machine-record.ts';
import { findRunning } from '../../machine/machine-registry.ts';
import { type Command, EXIT_OK } from '../command.ts';
import { parseOptions, readCount, somePositionals } from '../parse-options.ts';
import { askToPowerOff, killMachine, waitForEnd } from './end-machine.ts';
import { renderJson } from './json.ts';
import { note, print } from './screen.ts';

export const stopCommand: Command = {
  name: 'stop',
  summary: 'power machines off in good order',
  usage: `Usage: ishmael stop NAME… [options]

Asks each machine to power off: its services are stopped, then it ends. One that does not answer gets its
power button pressed; one that still runs when the time is over is killed. To stop a service of a
machine: "ishmael service stop NAME SERVICE".

  --timeout SECONDS  how long that may take before it is killed (default: 100)
  --json             machine-readable, see docs/cli.md

Examples:
  ishmael stop redis
  ishmael stop --timeout 10 redis redis-2
`,
  completes: ['running'],
  async run(args) {
    const { values, positionals } = parseOptions(args, {
      timeout: { type: 'string', default: '100' },
      json: { type: 'boolean', default: false },
    });
    const names = somePositionals(positionals, 'the NAME of a machine');
    const limitMs = readCount('--timeout', values.timeout, 0) * 1000;
    const records = await Promise.all(names.map((name) => findRunning(name)));
    const ends = await Promise.all(records.map((record) => stop(record, limitMs)));
    await tellEnds(records, ends, values.json);
    return EXIT_OK;
  },
};

async function stop(record: MachineRecord, limitMs: number): Promise<MachineEnd> {
  const begin = performance.now();
  if (!(await askToPowerOff(record))) note(`"${record.name}" does not answer`);
  const end = await waitForEnd(record, limitMs - (performance.now() - begin));
  if (end !== undefined) return end;
  note(`"${record.name}" runs on after ${limitMs / 1000} s: it is killed`);
  return killMachine(record);
}

/** What `stop` and `kill` print. */
export async function tellEnds(
  records: readonly MachineRecord[],
  ends: readonly MachineEnd[],
  asJson: boolean,
): Promise<void> {
  const told = records.map(({ name }, index) => ({ name, end: ends[index] }));
  if (asJson) await print(renderJson(told));
  else await print(told.map(({ name, end }) => `${name}: ${end?.text ?? ''}\n`).join(''));
}
