/** `ishmael images`: the store by hand. */
import { stat } from 'node:fs/promises';
import { ARCH_NAMES, type ArchName } from '../arch.ts';
import { componentReference, findRecipe } from '../component/catalogue.ts';
import { ensureComponents, isComponent } from '../component/ensure-components.ts';
import { ensureImages } from '../image/ensure-images.ts';
import { exportImage } from '../image/export-image.ts';
import { detectArchive } from '../image/detect-archive.ts';
import { type EngineSource, type FileSource, parseImageSource } from '../image/image-source.ts';
import { importImage } from '../image/import-image.ts';
import { defaultStore, openImageStore } from '../image/oci-layout.ts';
import { storedName } from '../image/reference.ts';
import { changeStoreIndex, entryName, entryPlatform, pruneStore } from '../image/store-index.ts';
import { type ListedImage, listImages } from '../image/store-list.ts';
import { UsageError } from './cli-error.ts';
import type { Command } from './command.ts';
import { DEFAULT_FETCH, isOurs } from './fetch-images.ts';
import { findImages, NoSuchImageError } from './images/find-image.ts';
import { inspectText } from './images/inspect-text.ts';
import { listText, sizeText } from './images/list-text.ts';
import { noPositionals, onePositional, parseOptions, readMirrors } from './parse-options.ts';
import type { Progress } from '../progress.ts';
import { startProgress } from './progress.ts';

const OPTIONS = {
  json: { type: 'boolean', default: false },
  arch: { type: 'string' },
  mirror: { type: 'string', multiple: true },
  name: { type: 'string' },
  all: { type: 'boolean', default: false },
} as const;

type Values = ReturnType<typeof parseOptions<typeof OPTIONS>>['values'];

/** Resolves with what goes to standard output: as text, and as data for --json. */
type Action = (
  words: readonly string[],
  values: Values,
  progress: Progress,
) => Promise<{ readonly text: string; readonly data: unknown }>;

export const imagesCommand: Command = {
  name: 'images',
  summary: 'list, pull, import, export or remove images of the store',
  usage: `Usage: ishmael images ls
       ishmael images pull REFERENCE… [--mirror REGISTRY=PLACE]
       ishmael images import SOURCE --name NAME
       ishmael images export NAME DESTINATION
       ishmael images inspect NAME
       ishmael images rm NAME…
       ishmael images prune [--all]

The store is an OCI image layout in the user's cache. "ishmael build" fills it by itself; this is
for images that a machine without a network is to have, and for looking and tidying up.

SOURCE and DESTINATION are oci:PATH[:TAG], oci-archive:PATH[:TAG], docker-archive:PATH[:NAME] or a plain
PATH; a SOURCE may also be docker-daemon:NAME, containers-storage:NAME or build:PATH. A REFERENCE is
what Docker would pull. "rm" and "inspect" take the first digits of a digest, too. "prune" removes
layers that no image has any more and pulls that were given up; with --all, every image.

  --arch ARCH   for this architecture: amd64, arm64, … (default: amd64; for "rm": all)
  --json        tell the result as JSON

Examples:
  ishmael images pull nginx:1.27
  ishmael images import docker-archive:app.tar --name app
  ishmael images export ishmael/init init.tar     (for LinuxKit: docs/linuxkit.md)
`,
  completes: [['ls', 'pull', 'import', 'export', 'inspect', 'rm', 'prune'], 'file'],
  async run(args) {
    const { values, positionals } = parseOptions(args, OPTIONS);
    const [name, ...words] = positionals;
    if (name === undefined) throw new UsageError('Missing ls, pull, import, … after images');
    const action = ACTIONS.get(name);
    if (action === undefined) throw new UsageError(`There is no command 'images ${name}'`);
    const { text, data } = await action(words, values, startProgress());
    process.stdout.write(values.json ? `${JSON.stringify(data, null, 2)}\n` : text);
    return 0;
  },
};

const list: Action = async (words) => {
  noPositionals(words);
  const images = await listImages(defaultStore());
  return { text: listText(images), data: images };
};

const pull: Action = async (words, values, progress) => {
  if (words.length === 0) throw new UsageError('Missing what to pull');
  const store = openImageStore(defaultStore(), architecture(values));
  const wrong = words.find((word) => parseImageSource(word)?.kind !== 'registry' || isOurs(word));
  if (wrong !== undefined) throw new UsageError(`'${wrong}' is no image of a registry`);
  const mirrors = readMirrors(values.mirror ?? []);
  const options = { ...DEFAULT_FETCH, store, lock: new Map(), refresh: true, mirrors, progress };
  const { images, errors } = await ensureImages(words, options);
  for (const error of errors.values()) throw error;
  const pulled = words.map((word) => ({ reference: word, digest: images.get(word)?.digest ?? '' }));
  return { text: pulled.map(({ digest }) => `${digest}\n`).join(''), data: pulled };
};

const importOne: Action = async (words, values, progress) => {
  const word = onePositional(words, 'the SOURCE of an image');
  const { name } = values;
  if (name === undefined) throw new UsageError("Option '--name' is missing: what to call it here");
  if (isOurs(name)) throw new UsageError("Names that begin with 'ishmael/' belong to components");
  const from = await readSource(word);
  progress(`importing ${word}`);
  const { digest } = await importImage({
    store: defaultStore(),
    architecture: architecture(values),
    from,
    name: storedName(name),
    source: word,
  });
  return { text: `${digest}\n`, data: { name: storedName(name), digest } };
};

const FOR_LINUXKIT = 'linuxkit-init';

const exportOne: Action = async (words, values, progress) => {
  const [name, destination, ...rest] = words;
  if (name === undefined || destination === undefined) {
    throw new UsageError('Missing the NAME of an image and a DESTINATION');
  }
  noPositionals(rest);
  const ours = isComponent(name);
  // Whoever wants it as a file has another builder; ours takes it from the store.
  const stored = findRecipe(name)?.name === 'init' ? componentReference(FOR_LINUXKIT) : name;
  // As it would be in a machine that is built now.
  if (ours) await ensureComponents([stored], { progress, arch: componentArch(values) });
  const image = { ...(await theImage(stored, values)), name: ours ? storedName(name) : name };
  const parsed = parseImageSource(destination);
  // A path such as ./redis.tar is no name of an image, redis.tar could be one: a plain path it is.
  const to: FileSource =
    parsed?.kind === 'file'
      ? parsed
      : { kind: 'file', transport: 'oci-archive', path: destination };
  // Layers of components are zstd, which whoever else they are for may not know.
  await exportImage(defaultStore(), image, to, ours ? 'gzip' : 'as it is');
  return { text: `${to.path}\n`, data: { name: image.name, path: to.path } };
};

const inspect: Action = async (words, values) => {
  const image = await theImage(onePositional(words, 'the NAME of an image'), values);
  const store = openImageStore(defaultStore(), image.architecture);
  const found = await store.find(image.name);
  if (found === undefined) throw new NoSuchImageError(image.name);
  const data = { ...image, config: found.config };
  return { text: inspectText(image, found.config), data };
};

const remove: Action = async (words, values) => {
  if (words.length === 0) throw new UsageError('Missing the NAME of an image');
  const found = await Promise.all(
    words.map((word) => findImages(defaultStore(), word, values.arch)),
  );
  const images = found.flat();
  await changeStoreIndex(defaultStore(), (entries) =>
    entries.filter(
      (entry) =>
        !images.some(
          ({ name, architecture: arch }) =>
            entryName(entry) === name && entryPlatform(entry) === arch,
        ),
    ),
  );
  const names = images.map(({ name }) => name);
  return { text: names.map((name) => `removed ${name}\n`).join(''), data: names };
};

const prune: Action = async (words, values) => {
  noPositionals(words);
  if (values.all) await changeStoreIndex(defaultStore(), () => []);
  const bytes = await pruneStore(defaultStore());
  return { text: `${sizeText(bytes)} freed\n`, data: { freedBytes: bytes } };
};

const ACTIONS: ReadonlyMap<string, Action> = new Map([
  ['ls', list],
  ['pull', pull],
  ['import', importOne],
  ['export', exportOne],
  ['inspect', inspect],
  ['rm', remove],
  ['prune', prune],
]);

function architecture(values: Values): string {
  return values.arch ?? 'amd64';
}

function componentArch(values: Values): ArchName {
  const arch = ARCH_NAMES.find((known) => known === architecture(values));
  if (arch === undefined) throw new UsageError(`There are no components for '${values.arch}'`);
  return arch;
}

async function theImage(word: string, values: Values): Promise<ListedImage> {
  const found = await findImages(defaultStore(), word, values.arch);
  const [image] = found.toSorted((a) => (a.architecture === architecture(values) ? -1 : 1));
  if (image === undefined) throw new NoSuchImageError(word);
  return image;
}

async function readSource(word: string): Promise<FileSource | EngineSource> {
  const source = parseImageSource(word);
  if (source?.kind === 'file' || source?.kind === 'engine') return source;
  const there = await stat(word).catch(() => undefined);
  const detected = there === undefined ? undefined : await detectArchive(word);
  if (detected !== undefined) return detected;
  throw new UsageError(
    there === undefined
      ? `There is no file '${word}' to import`
      : `'${word}' is neither an OCI layout nor an archive of docker save`,
  );
}
