/**
 * What a volume has in the root: its image's files, or its image as an OCI layout, or nothing.
 */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { volumeDir, volumeLower, volumePath, volumeTmp } from '../../supervisor/volume.ts';
import type { Image, ImageStore } from '../image/image-store.ts';
import { type Descriptor, MEDIA_TYPE, parseManifest, REF_NAME } from '../image/oci-format.ts';
import { ociPlatform } from '../image/platform.ts';
import type { FileData, NodeMeta, Tree } from '../rootfs/tree.ts';

export interface VolumeContents {
  readonly name: string;
  readonly image?: Image;
  readonly format: 'filesystem' | 'oci';
  /** With `oci`: the image for each platform that is wanted; absent: `image`, for the machine's. */
  readonly platforms?: readonly PlatformImage[];
}

/** An image, and what it is for: an architecture in OCI's words, with its variant if need be. */
export interface PlatformImage {
  readonly architecture: string;
  readonly image: Image;
}

export interface LayoutStore extends Pick<ImageStore, 'tree'> {
  /** The OCI layout directory that the blobs are in. */
  readonly directory: string;
  /** Of the machine, in OCI's words. */
  readonly architecture: string;
}

type HostFile = FileData & { readonly kind: 'host-file' };

const META: NodeMeta = { mode: 0o755, uid: 0, gid: 0, mtime: 0 };

/** All that decides what `volumeTree()` returns. */
export function volumeInputs({ name, format, image, platforms = [] }: VolumeContents): string {
  const images = [{ architecture: '', image }, ...platforms];
  const digests = images.map((each) => [
    each.architecture,
    each.image?.reference,
    each.image?.digest,
  ]);
  return JSON.stringify([name, format, digests]);
}

/** The volume's directory in the root, mount points for the guest included. */
export async function volumeTree(volume: VolumeContents, store: LayoutStore): Promise<Tree> {
  const { name } = volume;
  const contents = await contentsOf(volume, store);
  const lower = volumeLower(name).slice(1);
  const tree: Tree = new Map();
  let directory = '';
  for (const part of volumeDir(name).slice(1).split('/')) {
    directory = directory === '' ? part : `${directory}/${part}`;
    tree.set(directory, { ...META, type: 'directory' });
  }
  for (const path of [volumeTmp(name), volumePath(name)]) {
    tree.set(path.slice(1), { ...META, type: 'directory' });
  }
  tree.set(lower, { ...META, ...contents.get(''), type: 'directory' });
  for (const [path, node] of contents) {
    if (path === '') continue;
    const moved = node.type === 'hardlink' ? { ...node, target: `${lower}/${node.target}` } : node;
    tree.set(`${lower}/${path}`, moved);
  }
  return tree;
}

async function contentsOf(volume: VolumeContents, store: LayoutStore): Promise<Tree> {
  const { image, format } = volume;
  const { architecture } = store;
  if (format === 'filesystem') return image === undefined ? new Map() : store.tree(image);
  const own = image === undefined ? [] : [{ architecture, image }];
  return layoutTree(volume.platforms ?? own, store.directory);
}

/**
 * image-spec, image-layout.md: one name, which leads to the image, or to an index of the images for several
 * platforms, as tools expect that copy an image whole.
 */
async function layoutTree(images: readonly PlatformImage[], directory: string): Promise<Tree> {
  const tree: Tree = new Map();
  const addText = (path: string, text: string): void => {
    const bytes = Buffer.from(text);
    tree.set(path, { ...META, mode: 0o644, type: 'file', data: { kind: 'bytes', bytes } });
  };
  for (const parent of ['blobs', 'blobs/sha256']) tree.set(parent, { ...META, type: 'directory' });
  const manifests: Descriptor[] = [];
  for (const { architecture, image } of images) {
    const blobs = await blobsOf(image, directory);
    for (const [digest, data] of blobs) {
      tree.set(blobName(digest), { ...META, mode: 0o644, type: 'file', data });
    }
    manifests.push({
      mediaType: MEDIA_TYPE.manifest,
      digest: image.digest,
      size: blobs.get(image.digest)?.size ?? 0,
      platform: ociPlatform(architecture),
    });
  }
  const [first, ...others] = manifests;
  let entry = first;
  if (others.length > 0) {
    const text = indexText(manifests);
    const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
    addText(blobName(digest), text);
    entry = { mediaType: MEDIA_TYPE.index, digest, size: Buffer.byteLength(text) };
  }
  const name = images[0]?.image.reference ?? '';
  addText('oci-layout', '{"imageLayoutVersion":"1.0.0"}');
  addText(
    'index.json',
    indexText(entry === undefined ? [] : [{ ...entry, annotations: { [REF_NAME]: name } }]),
  );
  return tree;
}

function indexText(manifests: readonly Descriptor[]): string {
  return JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPE.index, manifests });
}

/** The manifest and what it names, as files of the store, by digest. */
async function blobsOf(
  { reference, digest }: Image,
  directory: string,
): Promise<ReadonlyMap<string, HostFile>> {
  const host = async (wanted: string): Promise<HostFile> => {
    const path = join(directory, blobName(wanted));
    return { kind: 'host-file', path, size: (await stat(path)).size };
  };
  const own = await host(digest);
  const { config, layers } = parseManifest(await readFile(own.path, 'utf8'), reference);
  const blobs = new Map([[digest, own]]);
  for (const { digest: inner } of [config, ...layers]) blobs.set(inner, await host(inner));
  return blobs;
}

function blobName(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`;
}
