/**
 * Layers read once: for every layer blob a directory with its file contents in one data file and its
 * tree as JSON. Derived from the blobs and made again when missing; a warm build reads only the JSON.
 */
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { errnoCode, errorMessage } from '../../sys/errno.ts';
import { TarError } from '../../supervisor/tar/tar-error.ts';
import { UnsafePathError } from '../rootfs/path.ts';
import type { Tree, TreeNode } from '../rootfs/tree.ts';
import { blobPath, hashing } from './blobs.ts';
import { readTar } from './layer.ts';
import { ImageFormatError, type Descriptor } from './oci-format.ts';

/** Part of the directory's name: a change of the JSON's form makes old ones unused. */
const FORM = 'v2';

/** One layer as a tree; whiteouts are still entries. Rejects when the blob is not what its digest says. */
export async function layerTree(layout: string, layer: Descriptor): Promise<Tree> {
  const directory = unpackedPath(layout, layer.digest);
  const cached = await readIndex(directory);
  if (cached !== undefined) return cached;

  const temporary = join(layout, 'unpacked', `.${randomUUID()}`);
  await mkdir(temporary, { recursive: true });
  try {
    const tree = await unpack(layout, layer, join(temporary, 'data')).catch((error: unknown) => {
      throw refusal(layer, error);
    });
    await writeFile(join(temporary, 'tree.json'), JSON.stringify([...withoutPaths(tree)]));
    await rename(temporary, directory).catch((error: unknown) => {
      // Another process was quicker with the same contents.
      if (!isAlreadyThere(error)) throw error;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  const tree = await readIndex(directory);
  if (tree === undefined) throw new ImageFormatError(`Cannot read ${directory}: it vanished`);
  return tree;
}

export function unpackedPath(layout: string, digest: string): string {
  return join(layout, 'unpacked', `${digest.replace(':', '-')}.${FORM}`);
}

async function unpack(layout: string, layer: Descriptor, dataPath: string): Promise<Tree> {
  const check = hashing();
  const tar = new PassThrough();
  const [read, written] = await Promise.allSettled([
    readTar(tar, dataPath),
    pipeline([
      createReadStream(blobPath(layout, layer.digest), { highWaterMark: 1 << 20 }),
      check.stream,
      ...decompressor(layer.mediaType),
      tar,
    ]),
  ]);
  // Whichever fails takes the other with it; the one that failed first knows why.
  if (read.status === 'rejected' && isRefusal(read.reason)) throw read.reason;
  if (written.status === 'rejected') throw written.reason;
  if (read.status === 'rejected') throw read.reason;
  const { digest } = check.result();
  if (digest !== layer.digest) {
    throw new ImageFormatError(`the layer ${layer.digest}: its contents are ${digest}`);
  }
  return read.value;
}

/** The layer's name on what is wrong with its contents; a full disk is no fault of the layer. */
function refusal({ digest }: Descriptor, cause: unknown): unknown {
  // zlib's own errors: Z_DATA_ERROR, ZSTD_error_…
  const isCompression = errnoCode(cause)?.startsWith('Z') === true;
  if (!isRefusal(cause) && !isCompression) return cause;
  return new ImageFormatError(`the layer ${digest}: ${errorMessage(cause)}`, { cause });
}

function isRefusal(error: unknown): boolean {
  return error instanceof TarError || error instanceof UnsafePathError;
}

function decompressor(mediaType: string): Transform[] {
  if (mediaType.endsWith('zstd')) return [createZstdDecompress()];
  if (mediaType.endsWith('gzip')) return [createGunzip()];
  if (mediaType.endsWith('tar')) return [];
  throw new ImageFormatError(`no layer of type ${mediaType} can be read`);
}

function* withoutPaths(tree: Tree): Generator<readonly [string, unknown]> {
  for (const [path, node] of tree) {
    if (node.type === 'file' && node.data.kind === 'host-range') {
      yield [path, { ...node, data: [node.data.offset, node.data.size] }];
    } else yield [path, node];
  }
}

type StoredNode = TreeNode | (Omit<TreeNode, 'type'> & { type: 'file'; data: [number, number] });

async function readIndex(directory: string): Promise<Tree | undefined> {
  let text: string;
  try {
    text = await readFile(join(directory, 'tree.json'), 'utf8');
  } catch {
    // Not unpacked yet, or by another form of this program.
    return undefined;
  }
  const path = join(directory, 'data');
  // Our own file, renamed into place whole, under a name that carries its form: taken as it is.
  const entries = JSON.parse(text) as readonly (readonly [string, StoredNode])[];
  const tree: Tree = new Map();
  for (const [name, node] of entries) {
    if (node.type === 'file' && Array.isArray(node.data)) {
      const [offset, size] = node.data;
      tree.set(name, { ...node, data: { kind: 'host-range', path, offset, size } });
    } else tree.set(name, node as TreeNode);
  }
  return tree;
}

function isAlreadyThere(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    (error.code === 'ENOTEMPTY' || error.code === 'EEXIST')
  );
}
