/**
 * The image store: one OCI image layout directory (image-spec, image-layout.md) that any OCI tool can
 * read and write too. Blobs never change; `index.json` is replaced whole, by one process at a time.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { constants, createZstdCompress } from 'node:zlib';
import { cacheDir } from '../cache-dir.ts';
import { withFileLock } from '../file-lock.ts';
import type { Tree } from '../rootfs/tree.ts';
import { applyLayers } from '../rootfs/whiteout.ts';
import { hasBlob, hashing, readBlob, replaceFile, writeBlob, writeBlobStream } from './blobs.ts';
import type { Image, ImageConfig, ImageStore } from './image-store.ts';
import { writeTar } from './layer.ts';
import {
  ImageFormatError,
  MEDIA_TYPE,
  parseConfig,
  parseIndex,
  parseManifest,
  REF_NAME,
  renderConfig,
  renderManifest,
  type Descriptor,
  type ImageIndex,
} from './oci-format.ts';
import { pinnedDigest, storedName } from './reference.ts';
import { removeUnreferenced } from './store-gc.ts';
import { layerTree } from './unpacked-layers.ts';

/** A layer in the store, ready to be named by an image. */
export interface StoredLayer {
  readonly descriptor: Descriptor;
  /** Digest of the uncompressed tar. */
  readonly diffId: string;
}

export interface WritableImageStore extends ImageStore {
  /** The OCI layout directory. */
  readonly directory: string;
  /** Writes a tree as a layer: the same tree gives the same digest. */
  writeLayer(tree: Tree): Promise<StoredLayer>;
  /** Whether a layer written earlier is still there. */
  hasLayer(layer: StoredLayer): Promise<boolean>;
  /** Names an image made of layers of this store; an older image of that name loses the name. */
  putImage(
    reference: string,
    config: ImageConfig,
    layers: readonly StoredLayer[],
    annotations?: Readonly<Record<string, string>>,
  ): Promise<Image>;
  /** The annotations of the name in `index.json`; `undefined` when there is no such image. */
  annotations(reference: string): Promise<Readonly<Record<string, string>> | undefined>;
}

/** Opens the store, which need not exist yet. Without `directory`: the one in the user's cache. */
export function openImageStore(directory: string = join(cacheDir(), 'images')): WritableImageStore {
  return {
    directory,
    find: (reference) => find(directory, reference),
    tree: (image) => treeOf(directory, image),
    writeLayer: (tree) => writeLayer(directory, tree),
    hasLayer: (layer) => hasBlob(directory, layer.descriptor),
    putImage: (reference, config, layers, annotations = {}) =>
      putImage(directory, { reference, config, layers, annotations }),
    annotations: async (reference) => (await lookUp(directory, reference))?.annotations,
  };
}

async function find(layout: string, reference: string): Promise<Image | undefined> {
  const descriptor = await lookUp(layout, reference);
  if (descriptor === undefined) return undefined;
  const { digest } = await forThisMachine(layout, descriptor);
  const manifest = parseManifest(await readBlob(layout, digest), `the manifest of ${reference}`);
  const config = await readBlob(layout, manifest.config.digest);
  return { reference, digest, config: parseConfig(config, `the config of ${reference}`) };
}

async function treeOf(layout: string, image: Image): Promise<Tree> {
  const text = await readBlob(layout, image.digest);
  const { layers } = parseManifest(text, `the manifest of ${image.reference}`);
  return applyLayers(await Promise.all(layers.map((layer) => layerTree(layout, layer))));
}

async function lookUp(layout: string, reference: string): Promise<Descriptor | undefined> {
  const { manifests } = await readIndex(layout);
  const pinned = pinnedDigest(reference);
  if (pinned !== undefined) return manifests.find(({ digest }) => digest === pinned);
  const name = storedName(reference);
  return manifests.find(({ annotations }) => annotations?.[REF_NAME] === name);
}

/** An image for several platforms is an index of manifests: ours is linux/amd64. */
async function forThisMachine(layout: string, descriptor: Descriptor): Promise<Descriptor> {
  if (descriptor.mediaType !== MEDIA_TYPE.index) return descriptor;
  const nested = parseIndex(await readBlob(layout, descriptor.digest), descriptor.digest);
  const ours = nested.manifests.find(
    ({ platform }) => platform?.os === 'linux' && platform.architecture === 'amd64',
  );
  if (ours === undefined) {
    throw new ImageFormatError(`Cannot use ${descriptor.digest}: it has no linux/amd64 image`);
  }
  return ours;
}

async function writeLayer(layout: string, tree: Tree): Promise<StoredLayer> {
  const uncompressed = hashing();
  // Level 3: a layer is written once and unpacked once; the initrd is where every byte counts.
  const zstd = createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 3 } });
  const blob = await writeBlobStream(layout, writeTar(tree), uncompressed.stream, zstd);
  return {
    descriptor: { mediaType: MEDIA_TYPE.layerZstd, ...blob },
    diffId: uncompressed.result().digest,
  };
}

interface NewImage {
  readonly reference: string;
  readonly config: ImageConfig;
  readonly layers: readonly StoredLayer[];
  readonly annotations: Readonly<Record<string, string>>;
}

async function putImage(layout: string, image: NewImage): Promise<Image> {
  const configText = renderConfig(
    image.config,
    image.layers.map((layer) => layer.diffId),
  );
  const config = await writeBlob(layout, Buffer.from(configText));
  const manifestText = renderManifest(
    { mediaType: MEDIA_TYPE.config, ...config },
    image.layers.map((layer) => layer.descriptor),
  );
  const manifest = await writeBlob(layout, Buffer.from(manifestText));
  const name = storedName(image.reference);
  const entry: Descriptor = {
    mediaType: MEDIA_TYPE.manifest,
    ...manifest,
    platform: { os: 'linux', architecture: 'amd64' },
    annotations: { ...image.annotations, [REF_NAME]: name },
  };
  await withFileLock(join(layout, '.lock'), async () => {
    const { manifests } = await readIndex(layout);
    const others = manifests.filter(({ annotations }) => annotations?.[REF_NAME] !== name);
    const sorted = [...others, entry].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
    await writeIndex(layout, sorted);
    await removeUnreferenced(layout, sorted);
  });
  return { reference: image.reference, digest: manifest.digest, config: image.config };
}

function nameOf(descriptor: Descriptor): string {
  return descriptor.annotations?.[REF_NAME] ?? '';
}

async function readIndex(layout: string): Promise<ImageIndex> {
  const path = join(layout, 'index.json');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return { schemaVersion: 2, manifests: [] };
    }
    throw error;
  }
  return parseIndex(text, path);
}

async function writeIndex(layout: string, manifests: readonly Descriptor[]): Promise<void> {
  await replaceFile(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  const index = { schemaVersion: 2, mediaType: MEDIA_TYPE.index, manifests };
  await replaceFile(join(layout, 'index.json'), `${JSON.stringify(index, null, 2)}\n`);
}
