import { renderValue } from '../../runc-shim/oci/render.ts';
import { ARCHES, ARCH_NAMES } from '../arch.ts';
import { CONTAINER_SECTIONS } from '../config/all-containers.ts';
import { defaultStore, openImageStore } from '../image/oci-layout.ts';
import { UsageError } from './cli-error.ts';
import type { Command } from './command.ts';
import { loadMachine, manifestOf } from './load-machine.ts';
import { type MachineSpecs, machineSpecs, type Section } from './machine-specs.ts';
import { parseOptions, readArch } from './parse-options.ts';

const OPTIONS = {
  section: { type: 'string' },
  name: { type: 'string' },
  arch: { type: 'string', default: 'amd64' },
  set: { type: 'string', multiple: true },
} as const;

export const specCommand: Command = {
  name: 'spec',
  summary: 'print the OCI specs that the guest will generate',
  usage: `Usage: ishmael spec FILE.yml [FILE.yml…] [options]

Prints JSON: by section (onboot, onshutdown, services) and directory name (NNN-NAME for tasks, NAME for
services) the config.json that the OCI runtime will be given, and the runtime.json of what is done
beside it. The images must be in the store, or be components; nothing is built.

  --section SECTION  only this section
  --name NAME        only containers of this name
  --arch ARCH        of the machine: ${ARCH_NAMES.join(' or ')} (default: amd64)
  --set NAME=VALUE   what \${NAME} in the file stands for

Example:
  ishmael spec examples/redis.yml --section services --name redis
`,
  async run(args) {
    const { values, positionals } = parseOptions(args, OPTIONS);
    const [file, ...overlays] = positionals;
    if (file === undefined) throw new UsageError('Missing the YAML FILE');
    const section = readSection(values.section);
    const arch = readArch(values.arch);
    const store = openImageStore(defaultStore(), arch);
    const sources = { file, overlays, set: values.set ?? [] };
    const machine = await loadMachine(sources, undefined, store);
    const specs = machineSpecs(manifestOf(machine, 'spec'), ARCHES[arch].node);
    const chosen = choose(specs, section, values.name);
    process.stdout.write(`${renderValue(chosen, 2)}\n`);
    return 0;
  },
};

function readSection(text: string | undefined): Section | undefined {
  const section = CONTAINER_SECTIONS.find((known) => known === text);
  if (text === undefined || section !== undefined) return section;
  const known = CONTAINER_SECTIONS.join(', ');
  throw new UsageError(`Option '--section' wants one of ${known}, not '${text}'`);
}

function choose(
  specs: MachineSpecs,
  section: Section | undefined,
  name: string | undefined,
): Partial<MachineSpecs> {
  const sections = CONTAINER_SECTIONS.filter((known) => section === undefined || known === section);
  const chosen = sections.map((known) => {
    const entries = Object.entries(specs[known]).filter(([directory]) => {
      const bare = known === 'services' ? directory : directory.slice(directory.indexOf('-') + 1);
      return name === undefined || name === bare || name === directory;
    });
    return [known, Object.fromEntries(entries)] as const;
  });
  if (name !== undefined && chosen.every(([, found]) => Object.keys(found).length === 0)) {
    throw new UsageError(`There is no container '${name}'${section ? ` in ${section}` : ''}`);
  }
  return Object.fromEntries(chosen);
}
