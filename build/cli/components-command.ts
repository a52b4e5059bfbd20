import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { ARCH_NAMES, type ArchName } from '../arch.ts';
import { componentReference, findRecipe } from '../component/catalogue.ts';
import { ensureComponents, isComponent } from '../component/ensure-components.ts';
import { defaultStore, openImageStore } from '../image/oci-layout.ts';
import { CHECKOUT } from './checkout.ts';
import { UsageError } from './cli-error.ts';
import type { Command } from './command.ts';
import { noPositionals, onePositional, parseOptions, readArch } from './parse-options.ts';
import { startProgress } from './progress.ts';

const OPTIONS = { arch: { type: 'string', default: 'amd64' } } as const;

export const componentsCommand: Command = {
  name: 'components',
  summary: 'list, build or refresh the component images',
  usage: `Usage: ishmael components list [--arch ARCH]
       ishmael components show NAME [--arch ARCH]
       ishmael components build [NAME…] [--arch ARCH]
       ishmael components refresh [NAME…] [--arch ARCH]

Component images are made from Debian packages by the recipes in components/ and kept in the user's
cache. "list", or "ls", names them; "show" tells what one is made of, how a container of it starts and which settings
it brings along. "build" makes those that are missing or out of date; "refresh" asks Debian for newer packages
first. NAME is as in ishmael/NAME; without one, all.

  --arch ARCH   for machines of this architecture: ${ARCH_NAMES.join(' or ')} (default: amd64)

Examples:
  ishmael components list
  ishmael components show nginx
  ishmael components refresh kernel
`,
  completes: [['list', 'show', 'build', 'refresh']],
  async run(args) {
    const { positionals, values } = parseOptions(args, OPTIONS);
    const arch = readArch(values.arch);
    const [action, ...names] = positionals;
    switch (action) {
      case 'list':
      case 'ls':
        noPositionals(names);
        process.stdout.write(await list(arch));
        return 0;
      case 'show': {
        const name = onePositional(names, 'the NAME of a component');
        const [reference = ''] = await chosen([name]);
        process.stdout.write(await show(reference, arch));
        return 0;
      }
      case 'build':
      case 'refresh': {
        const progress = startProgress();
        const refresh = action === 'refresh';
        await ensureComponents(await chosen(names), { progress, refresh, arch });
        progress('every component is up to date');
        return 0;
      }
      default:
        throw new UsageError(
          action === undefined
            ? 'Missing list, show, build or refresh after components'
            : `There is no command 'components ${action}'`,
        );
    }
  },
};

async function list(arch: ArchName): Promise<string> {
  const store = openImageStore(defaultStore(), arch);
  const lines: string[] = [];
  for (const reference of await allComponents()) {
    const image = await store.find(reference);
    lines.push(`${reference.padEnd(24)} ${image?.digest ?? 'not built yet'}\n`);
  }
  return lines.join('');
}

/** What is known of it before it is built, and of what was built. */
async function show(reference: string, arch: ArchName): Promise<string> {
  const recipe = findRecipe(reference);
  if (recipe === undefined) throw new UsageError(`There is no component '${reference}'`);
  const image = await openImageStore(defaultStore(), arch).find(reference);
  const { entrypoint, cmd, stopSignal, labels } = recipe.config;
  const settings = labels['org.mobyproject.config'];
  const rows: readonly (readonly [name: string, value: string])[] = [
    ['image', reference],
    ['digest', image?.digest ?? 'not built yet'],
    ['packages', recipe.packages.join(' ') || 'none'],
    ['command', [...entrypoint, ...cmd].map((word) => quoted(word)).join(' ') || 'none'],
    ...(stopSignal === '' ? [] : [['stop signal', stopSignal] as const]),
    ['settings', settings === undefined ? 'none' : stringify(JSON.parse(settings)).trimEnd()],
  ];
  return rows
    .map(([name, value]) => {
      const text = value.includes('\n') ? `\n${value.replaceAll(/^/gm, '  ')}` : ` ${value}`;
      return `${name}:${text}\n`;
    })
    .join('');
}

function quoted(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : JSON.stringify(word);
}

async function chosen(names: readonly string[]): Promise<readonly string[]> {
  if (names.length === 0) return allComponents();
  const references = names.map((name) =>
    name.startsWith('ishmael/') ? name : componentReference(name),
  );
  const unknown = references.find((reference) => !isComponent(reference));
  if (unknown === undefined) return references;
  throw new UsageError(`There is no component '${unknown}'; see "ishmael components list"`);
}

async function allComponents(): Promise<readonly string[]> {
  const folders = await readdir(join(CHECKOUT, 'components'));
  return folders.map(componentReference).filter(isComponent).sort();
}
