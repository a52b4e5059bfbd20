import { resolve } from 'node:path';
import type { Command } from './command.ts';
import {
  onePositional,
  parseOptions,
  readAccel,
  readCount,
  readForwards,
  readImageName,
} from './parse-options.ts';
import { HOW_TO_LEAVE, runInteractively } from '../run/run-interactively.ts';
import { startMachine } from '../run/start-machine.ts';

const OPTIONS = {
  dir: { type: 'string', default: '.' },
  publish: { type: 'string', multiple: true },
  memory: { type: 'string', default: '512' },
  cpus: { type: 'string', default: '2' },
  accel: { type: 'string', default: 'auto' },
  'no-net': { type: 'boolean', default: false },
} as const;

export const runCommand: Command = {
  name: 'run',
  summary: 'run an image in QEMU, its serial console on this terminal',
  usage: `Usage: ishmael run NAME [options]

Runs NAME-kernel, NAME-initrd.img and NAME-cmdline, as "ishmael build" writes them.

  --dir DIR             where these files are (default: .)
  --publish HOST:GUEST  forward a TCP port of 127.0.0.1 to the guest; may be repeated, HOST 0 is any
  --memory MIB          memory of the machine (default: 512)
  --cpus N              processors of the machine (default: 2)
  --accel WHICH         kvm, tcg (emulation) or auto (default): KVM where it really works
  --no-net              no network
`,
  async run(args) {
    const { values, positionals } = parseOptions(args, OPTIONS);
    const name = readImageName(onePositional(positionals, 'the NAME of an image'));
    const dir = resolve(values.dir);
    const request = {
      dir,
      name,
      consoleLog: resolve(dir, `${name}-console.log`),
      accel: readAccel(values.accel),
      memoryMiB: readCount('--memory', values.memory, 64),
      cpus: readCount('--cpus', values.cpus, 1),
      network: !values['no-net'],
      publish: readForwards(values.publish ?? []),
      rebootEnds: false,
    };
    const note = (text: string): void => void process.stderr.write(`ishmael: ${text}\n`);
    const vm = await startMachine(request, note);
    const ports = vm.forwards.map(({ host, guest }) => `127.0.0.1:${host} is its port ${guest}; `);
    note(`${ports.join('')}${HOW_TO_LEAVE}`);
    return runInteractively(vm, note);
  },
};
