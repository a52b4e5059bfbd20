/** `ishmael measure`: what a TPM will say of a disk. */
import { resolve } from 'node:path';
import { measureDisk } from '../measure/measure-disk.ts';
import { type Command, EXIT_OK } from './command.ts';
import { renderJson } from './machines/json.ts';
import { onePositional, parseOptions } from './parse-options.ts';

const OPTIONS = { json: { type: 'boolean', default: false } } as const;

export const measureCommand: Command = {
  name: 'measure',
  summary: 'predict what a TPM will have measured when a disk is booted',
  usage: `Usage: ishmael measure DISK [--json]

Prints the registers (PCR, SHA-256) that the boot of DISK, a NAME-efi.img, leaves in a TPM 2.0, as far as the disk decides them:
4 for the programs that the firmware starts, 11 for the parts of the kernel's, its command line with the root's hash among them.
What a secret is sealed to, or what a machine far away is to prove. The others are the firmware's own.

  --json   as an array of register, value and of

Examples:
  ishmael measure dist/redis-efi.img
`,
  completes: ['file'],
  async run(args) {
    const { values, positionals } = parseOptions(args, OPTIONS);
    const path = resolve(onePositional(positionals, 'the DISK to measure'));
    const measurements = await measureDisk(path);
    const text = measurements
      .map(({ register, value, of }) => `${String(register).padStart(2)}  ${value}  ${of}\n`)
      .join('');
    process.stdout.write(values.json ? renderJson(measurements) : text);
    return EXIT_OK;
  },
};
