import type { Manifest } from '../../supervisor/manifest.ts';
import type { Defaults } from '../config/hardening.ts';
import { UsageError } from './cli-error.ts';
import type { Command } from './command.ts';
import { explainDefaults } from './explain-defaults.ts';
import { explainHardening } from './explain-hardening.ts';
import { loadMachine, manifestOf } from './load-machine.ts';
import { parseOptions } from './parse-options.ts';

const OPTIONS = { set: { type: 'string', multiple: true } } as const;

export const explainCommand: Command = {
  name: 'explain',
  summary: 'list what "defaults: hardened" closes on the machine and changes in each container',
  usage: `Usage: ishmael explain FILE.yml [FILE.yml…] [--set NAME=VALUE]

Lists what is closed on the machine itself, why, and how each of it is switched off; and then every
difference between the OCI specs with "defaults: linuxkit", which are LinuxKit's, and those with
"defaults: hardened", whatever the file itself says. Each can be set by a key of the container.

Example:
  ishmael explain examples/redis.yml
`,
  async run(args) {
    const { values, positionals } = parseOptions(args, OPTIONS);
    const [file, ...overlays] = positionals;
    if (file === undefined) throw new UsageError('Missing the YAML FILE');
    const machine = await loadMachine({ file, overlays, set: values.set ?? [] }, 'hardened');
    const withDefaults = (defaults: Defaults): Manifest =>
      manifestOf({ ...machine, config: { ...machine.config, defaults } }, 'explain');
    const text = explainDefaults(withDefaults('linuxkit'), withDefaults('hardened'), 'x64');
    const closed = explainHardening(machine.config);
    process.stdout.write(
      `The file says "defaults: ${machine.config.defaults}".\n\n${closed}\n${text}`,
    );
    return 0;
  },
};
