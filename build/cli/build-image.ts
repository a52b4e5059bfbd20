/**
 * From a YAML file to the files of an image: the whole way, in the order that finds mistakes before it
 * spends time. Nothing is written before everything is known to be right.
 */
import { access, constants, readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Manifest } from '../../supervisor/manifest.ts';
import { errnoCode, errorMessage } from '../../sys/errno.ts';
import type { ArchName } from '../arch.ts';
import { CONTAINER_SECTIONS } from '../config/all-containers.ts';
import { checkContainers } from '../config/check-containers.ts';
import { compileFiles } from '../config/compile-files.ts';
import { compileManifest } from '../config/compile-manifest.ts';
import { type Diagnostic, renderDiagnostics } from '../config/diagnostics.ts';
import { imageKey } from '../config/image-mentions.ts';
import { withLockdown } from '../config/machine-hardening.ts';
import { withPanic } from '../config/panic-schema.ts';
import { checkConfig } from '../config/parse-config.ts';
import { resolveImages } from '../config/resolve-images.ts';
import type { SignConfig } from '../config/root-schema.ts';
import type { ImageConfigFile, OutputFormat } from '../config/schema.ts';
import type { VolumeConfig } from '../config/volume-schema.ts';
import { volumeImage } from '../config/volume-tasks.ts';
import { findWarnings } from '../config/warnings.ts';
import { requireTools } from '../host-tools.ts';
import type { Image } from '../image/image-store.ts';
import { defaultStore, openImageStore, type WritableImageStore } from '../image/oci-layout.ts';
import type { Compression } from '../output/initrd-segment.ts';
import { type ContainerImage, type MachineParts, rootTree } from '../output/machine-trees.ts';
import type { VolumeContents } from '../output/volume-tree.ts';
import { OutputError, outputNeeds, writeOutputs } from '../output/write-outputs.ts';
import { outputFile, text } from '../output/write-whole.ts';
import type { FileData, Tree } from '../rootfs/tree.ts';
import { InvalidConfigError } from './cli-error.ts';
import { DEFAULT_FETCH, type FetchOptions } from './fetch-images.ts';
import { loadSources, type SourceFiles } from './load-sources.ts';
import { machineSbom, SBOM_PATH, type SbomPlace } from './machine-sbom.ts';
import type { Progress } from '../progress.ts';
import { architectureOf, foreseenImages, obtainImages } from './obtain-images.ts';
import { resolveAccounts } from './resolve-accounts.ts';

export interface BuildRequest extends SourceFiles {
  /** Directory and base name of the output. */
  readonly dir: string;
  readonly name: string;
  /** Whether to build component images that are missing or out of date. */
  readonly components: boolean;
  readonly compression: Compression;
  readonly progress: Progress;
  /** Absent: what the file says. */
  readonly formats?: readonly OutputFormat[];
  /** Of the machine; amd64 when left out. */
  readonly arch?: ArchName;
  /** How large disks are to be, in bytes. */
  readonly size?: number;
  /** An archive of an earlier build whose unchanged parts are used again. */
  readonly inputTar?: string;
  /** Where the bill of materials goes; `both` when left out. */
  readonly sbom?: SbomPlace;
  /** How images that are no components are had; as `DEFAULT_FETCH` when left out. */
  readonly fetch?: FetchOptions;
  /** Told what is probably not meant, rendered for a person. */
  readonly warn?: (rendered: string) => void;
}

/** Everything in the root that comes from the YAML is as old as everything else: images repeat to the byte. */
const MTIME = 0;

/**
 * Returns the paths written. Throws `InvalidConfigError` with all problems of the file, `UsageError`
 * when there is no such file, `OutputError` and `MissingToolError` before any work, and what the steps throw.
 */
export async function buildImage(request: BuildRequest): Promise<string[]> {
  const { name, progress, arch = 'amd64' } = request;
  const sources = await loadSources(request);
  const refuse = (diagnostics: readonly Diagnostic[]): void => {
    if (diagnostics.length === 0) return;
    throw new InvalidConfigError(renderDiagnostics(diagnostics, sources.texts));
  };
  const { config, value, places, diagnostics } = checkConfig(sources);
  const store = openImageStore(defaultStore(), arch);
  const fetch = request.fetch ?? DEFAULT_FETCH;
  const components = request.components && !fetch.offline;
  const imageSources = { file: request.file, arch, components, fetch, progress };
  // Everything that is wrong is told before minutes go into building components and pulling images.
  const named = await resolveImages(value, places, foreseenImages(imageSources));
  refuse([...diagnostics, ...named.diagnostics]);
  if (config === undefined) throw new Error('A configuration is neither valid nor invalid');

  const { sign } = config;
  const formats = request.formats ?? config.outputs.map(({ format }) => format);
  const { tools, components: also } = outputNeeds(formats, {
    arch,
    size: request.size,
    root: config.root,
    sign,
    updates: config.updates !== undefined,
  });
  await requireTools(tools);
  if (sign !== undefined) await requireFiles(sign);
  const lookup = await obtainImages(config, { ...imageSources, also });
  const { images, diagnostics: missing } = await resolveImages(config, places, lookup);
  refuse(missing);
  const { accounts, diagnostics: unknown } = await resolveAccounts(config, images, places, store);
  refuse([...checkContainers(config, images, places), ...unknown]);
  const image = (key: string): Image => known(images, key);
  const init = config.init.map(image);
  const files = await compileFiles(config, places, {
    root: await rootTree(store, init),
    readSource,
    yaml: sources.yaml,
    mtime: MTIME,
  });
  refuse(files.diagnostics);
  const { root } = files;
  const warnings = [...findWarnings(config, { images, places, root, arch }), ...files.warnings];
  if (warnings.length > 0) request.warn?.(renderDiagnostics(warnings, sources.texts));

  const compiled = compileManifest(config, images, name, accounts);
  const manifest = await withCertificate(compiled, sign);
  const parts = {
    kernel: image(config.kernel.image),
    kernelFiles: config.kernel,
    cmdline: withLockdown(withPanic(config.kernel.cmdline, manifest.panicTimeout), config),
    root: config.root,
    updates: config.updates,
    init,
    containers: containerImages(config, image),
    volumes: config.volumes.map((volume) => volumeContents(volume, image, arch)),
    manifest,
    files: files.tree,
  };
  return writeMachine(formats, parts, store, { ...request, ...(sign && { sign }) });
}

type WriteRequest = BuildRequest & { readonly sign?: SignConfig };

async function writeMachine(
  formats: readonly OutputFormat[],
  parts: MachineParts,
  store: WritableImageStore,
  { dir, name, compression, progress, size, sign, inputTar, sbom: place = 'both' }: WriteRequest,
): Promise<string[]> {
  const base = { store, dir, name, compression, progress };
  const common = { ...base, ...(size !== undefined && { size }), ...(sign && { sign }) };
  const context = { ...common, ...(inputTar === undefined ? {} : { inputTar }) };
  if (place === 'none') return writeOutputs(formats, parts, context);
  const sbom = await machineSbom(name, parts, store);
  const whole = place === 'beside' ? parts : { ...parts, files: withSbom(parts.files, sbom) };
  const beside = outputFile(context, `-${SBOM_PATH}`, [text(sbom)]);
  return writeOutputs(formats, whole, context, [beside]);
}

/** A file of that name in the YAML is what its author wants there. */
function withSbom(files: Tree, sbom: string): Tree {
  const data = { kind: 'bytes', bytes: Buffer.from(sbom) } as const;
  const tree: Tree = new Map();
  tree.set(SBOM_PATH, { type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: MTIME, data });
  for (const [path, node] of files) tree.set(path, node);
  return tree;
}

function known(images: ReadonlyMap<string, Image>, key: string): Image {
  const image = images.get(key);
  if (image === undefined) throw new Error(`Image "${key}" was not resolved`);
  return image;
}

function volumeContents(
  { name, format, image: reference, platforms }: VolumeConfig,
  image: (key: string) => Image,
  arch: ArchName,
): VolumeContents {
  if (reference === undefined) return { name, format };
  if (platforms === undefined) return { name, format, image: image(reference) };
  const images = platforms.map((platform) => ({
    architecture: architectureOf(platform, arch),
    image: image(imageKey(reference, platform)),
  }));
  return { name, format, platforms: images };
}

/** The images of all containers, each once, however many names it has. */
function containerImages(
  config: ImageConfigFile,
  image: (reference: string) => Image,
): ContainerImage[] {
  const byDigest = new Map<string, ContainerImage>();
  for (const section of CONTAINER_SECTIONS) {
    for (const [index, container] of config[section].entries()) {
      const found = image(container.image);
      if (byDigest.has(found.digest)) continue;
      byDigest.set(found.digest, { image: found, location: `${section}[${index}]` });
    }
  }
  for (const [index, { disk }] of config.volumes.entries()) {
    const found = disk && image(volumeImage(disk));
    if (found === undefined || byDigest.has(found.digest)) continue;
    byDigest.set(found.digest, { image: found, location: `volumes[${index}]` });
  }
  return [...byDigest.values()];
}

/** A machine that was signed takes only what is signed so. */
async function withCertificate(
  manifest: Manifest,
  sign: SignConfig | undefined,
): Promise<Manifest> {
  if (manifest.updates === undefined || sign === undefined) return manifest;
  const certificate = await readFile(sign.cert, 'utf8');
  return { ...manifest, updates: { ...manifest.updates, certificate } };
}

async function requireFiles(sign: SignConfig): Promise<void> {
  for (const name of ['key', 'cert'] as const) {
    try {
      await access(sign[name], constants.R_OK);
    } catch (error) {
      throw new OutputError(`"sign" has a ${name} that cannot be read: ${errorMessage(error)}`, {
        cause: error,
      });
    }
  }
}

/** A source of the YAML: relative to the current directory, as LinuxKit has it. */
async function readSource(path: string): Promise<FileData | undefined> {
  const real = path.startsWith('~/') ? join(homedir(), path.slice(2)) : path;
  try {
    const { size } = await stat(real);
    // Read now: what is not readable is the author's problem to fix, with a place in the YAML.
    return size > LARGEST_IN_MEMORY
      ? { kind: 'host-file', path: real, size }
      : { kind: 'bytes', bytes: await readFile(real) };
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

const LARGEST_IN_MEMORY = 1024 * 1024;
