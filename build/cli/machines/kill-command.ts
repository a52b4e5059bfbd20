import { findRunning } from '../../machine/machine-registry.ts';
import { type Command, EXIT_OK } from '../command.ts';
import { parseOptions, somePositionals } from '../parse-options.ts';
import { killMachine } from './end-machine.ts';
import { tellEnds } from './stop-command.ts';

export const killCommand: Command = {
  name: 'kill',
  summary: 'end machines at once, as a power cut would',
  usage: `Usage: ishmael kill NAME… [--json]

Ends QEMU. Nothing in the machine is asked or told; "ishmael stop" is the orderly way.

  --json  machine-readable, see docs/cli.md

Example:
  ishmael kill redis
`,
  completes: ['running'],
  async run(args) {
    const { values, positionals } = parseOptions(args, {
      json: { type: 'boolean', default: false },
    });
    const names = somePositionals(positionals, 'the NAME of a machine');
    const records = await Promise.all(names.map((name) => findRunning(name)));
    await tellEnds(records, await Promise.all(records.map(killMachine)), values.json);
    return EXIT_OK;
  },
};
