/** What a machine is made of, and the trees of its parts: the same for every output format. */
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { join } from 'node:path';
import { MANIFEST_PATH, type Manifest } from '../../supervisor/manifest.ts';
import { imageRootfsPath } from '../config/compile-manifest.ts';
import type { RootConfig } from '../config/root-schema.ts';
import type { KernelConfig } from '../config/schema.ts';
import type { UpdatesConfig } from '../config/update-schema.ts';
import type { Image, ImageStore } from '../image/image-store.ts';
import { readTar } from '../image/layer.ts';
import { mergeTrees } from '../rootfs/merge.ts';
import { rootSkeleton } from '../rootfs/skeleton.ts';
import type { FileData, NodeMeta, Tree } from '../rootfs/tree.ts';
import type { VolumeContents } from './volume-tree.ts';

export interface MachineParts {
  readonly kernel: Image;
  /** Which files of it are the kernel, its modules and its microcode. */
  readonly kernelFiles: Pick<KernelConfig, 'binary' | 'tar' | 'ucode'>;
  readonly cmdline: string;
  /** Where disks have the root, when it is not in their initrd. */
  readonly root?: RootConfig | undefined;
  /** Disks get room for a second image. */
  readonly updates?: UpdatesConfig | undefined;
  /** Unpacked into the root, in order. */
  readonly init: readonly Image[];
  /** The images of all containers, each once. */
  readonly containers: readonly ContainerImage[];
  readonly volumes: readonly VolumeContents[];
  readonly manifest: Manifest;
  /** What the YAML's `files` add. */
  readonly files: Tree;
}

export interface ContainerImage {
  readonly image: Image;
  /** Where the YAML names it first: `services[0]`. */
  readonly location: string;
}

export class KernelImageError extends Error {
  override readonly name = 'KernelImageError';
}

/** The root as the images make it, before `files`: what paths of `files` are resolved against. */
export async function rootTree(
  store: Pick<ImageStore, 'tree'>,
  init: readonly Image[],
): Promise<Tree> {
  const trees: Tree[] = [];
  for (const image of init) trees.push(await store.tree(image));
  return mergeTrees(rootSkeleton(), ...trees);
}

/** `scratch` keeps the contents that the tree points at. */
export async function modulesTree(
  { kernel, kernelFiles: { tar } }: MachineParts,
  kernelTree: Tree,
  scratch: string,
): Promise<Tree> {
  if (tar === undefined) return new Map();
  const archive = readData(kernelFile(kernel, kernelTree, tar));
  return readTar(archive, join(scratch, 'kernel.tar.data'));
}

const META: NodeMeta = { mode: 0o755, uid: 0, gid: 0, mtime: 0 };

/** An image's tree where the guest looks for it. */
export function underRootfsPath(image: Image, tree: Tree): Tree {
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
export function machineTree({ manifest, files }: MachineParts): Tree {
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

export function kernelFile(kernel: Image, tree: Tree, name: string): FileData {
  const node = tree.get(name);
  if (node?.type === 'file') return node.data;
  throw new KernelImageError(`Cannot use ${kernel.reference} as a kernel: it has no file ${name}`);
}

export function readData(data: FileData): Readable {
  if (data.kind === 'bytes') return Readable.from([data.bytes]);
  const start = data.kind === 'host-range' ? data.offset : 0;
  // An empty range cannot be said with an inclusive end.
  if (data.size === 0) return Readable.from([]);
  return createReadStream(data.path, { start, end: start + data.size - 1, highWaterMark: 1 << 20 });
}
