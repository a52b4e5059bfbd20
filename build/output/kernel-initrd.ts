/**
 * The output format kernel+initrd: NAME-kernel, NAME-initrd.img and NAME-cmdline, as LinuxKit names
 * them. Needs no root, no mount and no external program; the same inputs give the same bytes.
 */
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { join } from 'node:path';
import { MANIFEST_PATH, type Manifest } from '../../supervisor/manifest.ts';
import { imageRootfsPath } from '../config/compile-manifest.ts';
import type { Image, ImageStore } from '../image/image-store.ts';
import { readTar } from '../image/layer.ts';
import { mergeTrees } from '../rootfs/merge.ts';
import { rootSkeleton } from '../rootfs/skeleton.ts';
import type { FileData, NodeMeta, Tree } from '../rootfs/tree.ts';
import { type Compression, cachedSegment, quickSegment, readSegment } from './initrd-segment.ts';
import { type OutputFile, text, writeWhole } from './write-whole.ts';

export interface MachineParts {
  readonly kernel: Image;
  readonly cmdline: string;
  /** Unpacked into the root, in order. */
  readonly init: readonly Image[];
  /** The images of all containers, each once. */
  readonly containers: readonly Image[];
  readonly manifest: Manifest;
  /** What the YAML's `files` add. */
  readonly files: Tree;
}

export interface OutputContext {
  readonly store: ImageStore;
  /** Directory and base name of the output files. */
  readonly dir: string;
  readonly name: string;
  readonly compression: Compression;
  readonly progress: (line: string) => void;
}

export class KernelImageError extends Error {
  override readonly name = 'KernelImageError';
}

/** The root as the images make it, before `files`: what paths of `files` are resolved against. */
export async function rootTree(store: ImageStore, init: readonly Image[]): Promise<Tree> {
  const trees: Tree[] = [];
  for (const image of init) trees.push(await store.tree(image));
  return mergeTrees(rootSkeleton(), ...trees);
}

/** Returns the paths written, in the order kernel, initrd, cmdline. */
export async function writeKernelInitrd(
  parts: MachineParts,
  context: OutputContext,
): Promise<string[]> {
  const { store, dir, name, progress } = context;
  const kernelTree = await store.tree(parts.kernel);
  const segments = await cachedSegments(parts, kernelTree, context);
  const output = (suffix: string, contents: OutputFile['parts']): OutputFile => ({
    path: join(dir, `${name}-${suffix}`),
    parts: contents,
  });
  const files = [
    output('kernel', [() => readData(kernelFile(parts.kernel, kernelTree, 'kernel'))]),
    output('initrd.img', [
      ...segments.map((path) => () => readSegment(path)),
      () => quickSegment(machineTree(parts)),
    ]),
    output('cmdline', [text(parts.cmdline)]),
  ];
  progress(`writing ${files.map(({ path }) => path).join(', ')}`);
  await writeWhole(files);
  return files.map(({ path }) => path);
}

async function cachedSegments(
  parts: MachineParts,
  kernelTree: Tree,
  { store, compression, progress }: OutputContext,
): Promise<string[]> {
  const segment = cachedSegment.bind(undefined, compression);
  const digests = parts.init.map(({ digest }) => digest);
  const segments = [
    await segment(
      ['root', ...digests],
      () => rootTree(store, parts.init),
      () => progress('compressing the root'),
    ),
    await segment(
      ['modules', parts.kernel.digest],
      (scratch) => modulesTree(parts.kernel, kernelTree, scratch),
      () => progress(`compressing the modules of ${parts.kernel.reference}`),
    ),
  ];
  for (const image of parts.containers) {
    const path = await segment(
      ['container', image.digest],
      async () => underRootfsPath(image, await store.tree(image)),
      () => progress(`compressing ${image.reference}`),
    );
    segments.push(path);
  }
  return segments;
}

async function modulesTree(kernel: Image, kernelTree: Tree, scratch: string): Promise<Tree> {
  const archive = readData(kernelFile(kernel, kernelTree, 'kernel.tar'));
  return readTar(archive, join(scratch, 'kernel.tar.data'));
}

const META: NodeMeta = { mode: 0o755, uid: 0, gid: 0, mtime: 0 };

function underRootfsPath(image: Image, tree: Tree): Tree {
  const prefix = imageRootfsPath(image.digest).slice(1);
  const parent = prefix.slice(0, prefix.lastIndexOf('/'));
  const placed: Tree = new Map([
    [parent, { ...META, type: 'directory' }],
    [prefix, { ...META, ...tree.get(''), type: 'directory' }],
  ]);
  for (const [path, node] of tree) {
    if (path === '') continue;
    const moved = node.type === 'hardlink' ? { ...node, target: `${prefix}/${node.target}` } : node;
    placed.set(`${prefix}/${path}`, moved);
  }
  return placed;
}

/** What makes this machine this machine: the manifest, and the files of the YAML. */
function machineTree({ manifest, files }: MachineParts): Tree {
  const bytes = Buffer.from(`${JSON.stringify(manifest)}\n`);
  const tree: Tree = new Map(files);
  tree.set(MANIFEST_PATH.slice(1), {
    ...META,
    mode: 0o600,
    type: 'file',
    data: { kind: 'bytes', bytes },
  });
  return tree;
}

function kernelFile(kernel: Image, tree: Tree, name: string): FileData {
  const node = tree.get(name);
  if (node?.type === 'file') return node.data;
  throw new KernelImageError(`Cannot use ${kernel.reference} as a kernel: it has no file ${name}`);
}

function readData(data: FileData): Readable {
  if (data.kind === 'bytes') return Readable.from([data.bytes]);
  const start = data.kind === 'host-range' ? data.offset : 0;
  // An empty range cannot be said with an inclusive end.
  if (data.size === 0) return Readable.from([]);
  return createReadStream(data.path, { start, end: start + data.size - 1, highWaterMark: 1 << 20 });
}
