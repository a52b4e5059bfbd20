/**
 * The image store: one OCI image layout directory (image-spec, image-layout.md) that any OCI tool can
 * read and write too. Blobs never change; `index.json` is replaced whole, by one process at a time.
 */
import { join } from 'node:path';
import { constants, createZstdCompress } from 'node:zlib';
import { cacheDir } from '../cache-dir.ts';
import type { Tree } from '../rootfs/tree.ts';
import { applyLayers } from '../rootfs/whiteout.ts';
import { hasBlob, hashing, readBlob, writeBlob, writeBlobStream } from './blobs.ts';
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
} from './oci-format.ts';
import { choosePlatform, ociPlatform, platformName } from './platform.ts';
import { storedName } from './reference.ts';
import { changeStoreIndex, lookUp, originOf, withEntry } from './store-index.ts';
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
  /** With the variant where it is not the common one. */
  readonly architecture: string;
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

/**
 * Opens the store, which need not exist yet. Without `directory`: the one in the user's cache.
 * @param platform that the images are for: an architecture in OCI's words, and a variant if need be (`arm/v7`)
 */
export function openImageStore(
  directory: string = defaultStore(),
  platform: string = 'amd64',
): WritableImageStore {
  const architecture = platformName(ociPlatform(platform));
  return {
    directory,
    architecture,
    find: (reference) => find(directory, reference, architecture),
    tree: (image) => treeOf(directory, image),
    writeLayer: (tree) => writeLayer(directory, tree),
    hasLayer: (layer) => hasBlob(directory, layer.descriptor),
    putImage: (reference, config, layers, annotations = {}) =>
      putImage(directory, { reference, config, layers, annotations, architecture }),
    annotations: async (reference) =>
      (await lookUp(directory, reference, architecture))?.annotations,
  };
}

/** The store in the user's cache. */
export function defaultStore(): string {
  return join(cacheDir(), 'images');
}

async function find(
  layout: string,
  reference: string,
  architecture: string,
): Promise<Image | undefined> {
  const descriptor = await lookUp(layout, reference, architecture);
  if (descriptor === undefined) return undefined;
  const { digest } = await forPlatform(layout, descriptor, architecture);
  const manifest = parseManifest(await readBlob(layout, digest), `the manifest of ${reference}`);
  const text = await readBlob(layout, manifest.config.digest);
  const config = parseConfig(text, `the config of ${reference}`);
  const origin = originOf(descriptor);
  return { reference, digest, config, ...(origin === undefined ? {} : { origin }) };
}

async function treeOf(layout: string, image: Image): Promise<Tree> {
  const text = await readBlob(layout, image.digest);
  const { layers } = parseManifest(text, `the manifest of ${image.reference}`);
  try {
    const tree = applyLayers(await Promise.all(layers.map((layer) => layerTree(layout, layer))));
    checkHardlinks(tree);
    return tree;
  } catch (cause) {
    if (!(cause instanceof ImageFormatError)) throw cause;
    throw new ImageFormatError(`Cannot use ${image.reference}: ${cause.message}`, { cause });
  }
}

function checkHardlinks(tree: Tree): void {
  for (const [path, node] of tree) {
    if (node.type !== 'hardlink' || tree.get(node.target)?.type === 'file') continue;
    throw new ImageFormatError(`${path} is a hard link to ${node.target}, which is no file`);
  }
}

/** An image for several platforms is an index of manifests: ours is one of them. */
async function forPlatform(
  layout: string,
  descriptor: Descriptor,
  architecture: string,
): Promise<Descriptor> {
  if (descriptor.mediaType !== MEDIA_TYPE.index) return descriptor;
  const nested = parseIndex(await readBlob(layout, descriptor.digest), descriptor.digest);
  const ours = choosePlatform(nested.manifests, architecture);
  if (ours !== undefined) return ours;
  throw new ImageFormatError(
    `Cannot use ${descriptor.digest}: it has no linux/${architecture} image`,
  );
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
  readonly architecture: string;
}

async function putImage(layout: string, image: NewImage): Promise<Image> {
  const configText = renderConfig(
    image.config,
    image.layers.map((layer) => layer.diffId),
    ociPlatform(image.architecture).architecture,
  );
  const config = await writeBlob(layout, Buffer.from(configText));
  const manifestText = renderManifest(
    { mediaType: MEDIA_TYPE.config, ...config },
    image.layers.map((layer) => layer.descriptor),
  );
  const manifest = await writeBlob(layout, Buffer.from(manifestText));
  const entry: Descriptor = {
    mediaType: MEDIA_TYPE.manifest,
    ...manifest,
    platform: ociPlatform(image.architecture),
    annotations: { ...image.annotations, [REF_NAME]: storedName(image.reference) },
  };
  await changeStoreIndex(layout, (entries) => withEntry(entries, entry));
  return { reference: image.reference, digest: manifest.digest, config: image.config };
}
