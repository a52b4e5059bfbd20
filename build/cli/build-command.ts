import { existsSync } from 'node:fs';
import { basename, extname, resolve } from 'node:path';
import { ARCH_NAMES } from '../arch.ts';
import { parseByteSize } from '../config/byte-size.ts';
import { renderDiagnostics } from '../config/diagnostics.ts';
import { checkConfig } from '../config/parse-config.ts';
import { renderMerged } from '../config/read-sources.ts';
import { OUTPUT_FORMATS, type OutputFormat } from '../config/schema.ts';
import { buildImage } from './build-image.ts';
import { InvalidConfigError, UsageError } from './cli-error.ts';
import type { Command } from './command.ts';
import type { FetchOptions } from './fetch-images.ts';
import { loadSources, type SourceFiles } from './load-sources.ts';
import { SBOM_PATH, SBOM_PLACES, type SbomPlace } from './machine-sbom.ts';
import { parseOptions, readArch, readImageName, readMirrors } from './parse-options.ts';
import { startProgress } from './progress.ts';

const OPTIONS = {
  dir: { type: 'string', default: '.' },
  name: { type: 'string' },
  arch: { type: 'string', default: 'amd64' },
  format: { type: 'string', multiple: true },
  size: { type: 'string' },
  'no-components': { type: 'boolean', default: false },
  quick: { type: 'boolean', default: false },
  'input-tar': { type: 'string' },
  sbom: { type: 'string', default: 'both' },
  pull: { type: 'boolean', default: false },
  locked: { type: 'boolean', default: false },
  offline: { type: 'boolean', default: false },
  mirror: { type: 'string', multiple: true },
  set: { type: 'string', multiple: true },
  'dry-run': { type: 'boolean', default: false },
} as const;

export const buildCommand: Command = {
  name: 'build',
  summary: 'build a bootable image from a YAML file',
  usage: `Usage: ishmael build FILE.yml [FILE.yml…] [options]

Writes NAME-kernel, NAME-initrd.img and NAME-cmdline, or what another format has. Component images (ishmael/…) that are missing
or out of date are built first. The same inputs give the same bytes. Several files are merged; - is the
standard input, and http:// or https:// is asked for.

  --dir DIR          where to write (default: .)
  --name NAME        how the files' names begin (default: FILE without .yml)
  --arch ARCH        of the machine: ${ARCH_NAMES.join(' or ')} (default: amd64)
  --format FORMAT    ${OUTPUT_FORMATS.join(', ')};
                     several with commas, or repeated (default: what the file says)
  --size SIZE        of disks, such as 512M or 4G (default: as small as can be)
  --no-components    use component images as they are
  --sbom WHERE       ${SBOM_PLACES.join(', ')}: the bill of materials (SPDX 2.3) as NAME-${SBOM_PATH} and in
                     the root (both, the default), or only beside the output
  --input-tar FILE   copy the parts that have not changed from a NAME.tar that was built before
  --quick            compress in seconds rather than well, for trying things out
  --set NAME=VALUE   what \${NAME} in the file stands for; otherwise the environment says it; may be repeated
  --dry-run          print the file as it is after merging and substitution, and build nothing

Images that are not there yet are pulled or imported, and ishmael.lock beside FILE pins each of them
to what it is now; the next build takes the same.

  --pull             ask where the images come from again, and pin what they are today
  --locked           fail rather than use an image that ishmael.lock does not have as it is
  --offline          never use the network: with the images, and components, that are there
  --mirror REG=PLACE ask the registry PLACE for images of REG first; may be repeated

Examples:
  ishmael build examples/redis.yml --dir dist
  ishmael build base.yml site.yml --set VERSION=7 --quick
`,
  async run(args) {
    const { values, positionals } = parseOptions(args, OPTIONS);
    const [file, ...overlays] = positionals;
    if (file === undefined) throw new UsageError('Missing the YAML FILE');
    const sources = { file, overlays, set: values.set ?? [], offline: values.offline };
    if (values['dry-run']) return dryRun(sources);
    if (file === '-' && values.name === undefined) {
      throw new UsageError("The standard input has no name: say one with '--name'");
    }
    const name = readImageName(values.name ?? basename(file, extname(file)));
    const formats = values.format === undefined ? undefined : readFormats(values.format);
    const inputTar = readInputTar(values['input-tar'], resolve(values.dir, `${name}.tar`));
    const size = values.size === undefined ? undefined : readSize(values.size);
    const arch = readArch(values.arch);
    const fetch = readFetch(values);
    const sbom = readSbomPlace(values.sbom);
    const progress = startProgress();
    const warn = (text: string): void => void process.stderr.write(text);
    const written = await buildImage({
      warn,
      ...sources,
      name,
      dir: resolve(values.dir),
      components: !values['no-components'],
      compression: values.quick ? 'quick' : 'best',
      progress,
      arch,
      fetch,
      sbom,
      ...(formats && { formats }),
      ...(size !== undefined && { size }),
      ...(inputTar !== undefined && { inputTar }),
    });
    progress('done');
    process.stdout.write(written.map((path) => `${path}\n`).join(''));
    return 0;
  },
};

async function dryRun(files: SourceFiles): Promise<number> {
  const sources = await loadSources(files);
  const { diagnostics } = checkConfig(sources);
  if (diagnostics.length > 0) {
    throw new InvalidConfigError(renderDiagnostics(diagnostics, sources.texts));
  }
  process.stdout.write(renderMerged(sources.value));
  return 0;
}

/** @param output what the build itself may write */
function readInputTar(file: string | undefined, output: string): string | undefined {
  if (file === undefined) return undefined;
  const path = resolve(file);
  if (path === output) {
    throw new UsageError(`Option '--input-tar' names the file that is to be written: ${file}`);
  }
  if (!existsSync(path)) throw new UsageError(`Option '--input-tar': there is no file ${file}`);
  return path;
}

function readFetch(
  values: ReturnType<typeof parseOptions<typeof OPTIONS>>['values'],
): FetchOptions {
  const { pull: refresh, locked, offline } = values;
  if (refresh && (locked || offline)) {
    throw new UsageError("Option '--pull' goes with neither '--locked' nor '--offline'");
  }
  return { refresh, locked, offline, mirrors: readMirrors(values.mirror ?? []) };
}

function readFormats(texts: readonly string[]): OutputFormat[] {
  return texts
    .flatMap((list) => list.split(','))
    .map((text) => {
      const format = OUTPUT_FORMATS.find((known) => known === text);
      if (format !== undefined) return format;
      throw new UsageError(`Option '--format' wants ${OUTPUT_FORMATS.join(', ')}, not '${text}'`);
    });
}

/** A plain number is MiB, as in LinuxKit. */
function readSize(text: string): number {
  const bytes = parseByteSize(/^\d+$/u.test(text) ? `${text}M` : text);
  if (bytes !== undefined && bytes > 0) return bytes;
  throw new UsageError(`Option '--size' wants a size such as 512M or 4G, not '${text}'`);
}

function readSbomPlace(text: string): SbomPlace {
  const place = SBOM_PLACES.find((known) => known === text);
  if (place !== undefined) return place;
  throw new UsageError(`Option '--sbom' wants ${SBOM_PLACES.join(', ')}, not '${text}'`);
}
