import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoCode } from '../../sys/errno.ts';
import { CHECKOUT } from './checkout.ts';
import { UsageError } from './cli-error.ts';
import type { Command } from './command.ts';
import { firstYaml } from './first-yaml.ts';
import { parseOptions } from './parse-options.ts';

export const newCommand: Command = {
  name: 'new',
  summary: 'write a first YAML file',
  usage: `Usage: ishmael new [FILE.yml]

Writes a machine that runs Redis, to begin with: machine.yml unless FILE is said. A file that is there
is left alone.

Example:
  ishmael new appliance.yml
`,
  async run(args) {
    const { positionals } = parseOptions(args, {});
    const [file = 'machine.yml', extra] = positionals;
    if (extra !== undefined) throw new UsageError(`Unexpected argument '${extra}' after the FILE`);
    try {
      await writeFile(file, firstYaml(join(CHECKOUT, 'docs/schema.json')), { flag: 'wx' });
    } catch (error) {
      if (errnoCode(error) !== 'EEXIST') throw error;
      throw new UsageError(`There is a file '${file}' already`, { cause: error });
    }
    const name = file.replace(/\.ya?ml$/, '');
    process.stdout.write(`${file}\n`);
    process.stderr.write(`Next: ishmael build ${file} && ishmael run ${name}\n`);
    return 0;
  },
};
