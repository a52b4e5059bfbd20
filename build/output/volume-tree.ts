/**
 * What a volume has in the root: its image's files, or its image as an OCI layout, or nothing.
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { volumeDir, volumeLower, volumePath, volumeTmp } from '../../supervisor/volume.ts';
import type { Image, ImageStore } from '../image/image-store.ts';
import { MEDIA_TYPE, parseManifest, REF_NAME } from '../image/oci-format.ts';
import type { NodeMeta, Tree } from '../rootfs/tree.ts';

export interface VolumeContents {
  readonly name: string;
  readonly image?: Image;
  readonly format: 'filesystem' | 'oci';
}

export interface LayoutStore extends Pick<ImageStore, 'tree'> {
  /** The OCI layout directory that the blobs are in. */
  readonly directory: string;
  /** Of the machine, in OCI's words. */
  readonly architecture: string;
}

const META: NodeMeta = { mode: 0o755, uid: 0, gid: 0, mtime: 0 };

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

async function contentsOf({ image, format }: VolumeContents, store: LayoutStore): Promise<Tree> {
  if (image === undefined) return new Map();
  return format === 'oci' ? layoutTree(image, store.directory) : store.tree(image);
}

/** image-spec, image-layout.md: one image, of the machine's platform. */
async function layoutTree({ reference, digest }: Image, directory: string): Promise<Tree> {
  const tree: Tree = new Map();
  const addText = (path: string, text: string): void => {
    const bytes = Buffer.from(text);
    tree.set(path, { ...META, mode: 0o644, type: 'file', data: { kind: 'bytes', bytes } });
  };
  const blob = async (wanted: string): Promise<{ path: string; size: number }> => {
    const path = join(directory, 'blobs', wanted.replace(':', '/'));
    return { path, size: (await stat(path)).size };
  };
  const { path, size } = await blob(digest);
  const { config, layers } = parseManifest(await readFile(path, 'utf8'), reference);
  const entry = {
    mediaType: MEDIA_TYPE.manifest,
    digest,
    size,
    annotations: { [REF_NAME]: reference },
  };
  addText('oci-layout', '{"imageLayoutVersion":"1.0.0"}');
  addText('index.json', JSON.stringify({ schemaVersion: 2, manifests: [entry] }));
  for (const parent of ['blobs', 'blobs/sha256']) tree.set(parent, { ...META, type: 'directory' });
  for (const each of [digest, config.digest, ...layers.map((layer) => layer.digest)]) {
    const data = { kind: 'host-file', ...(await blob(each)) } as const;
    tree.set(`blobs/${each.replace(':', '/')}`, { ...META, mode: 0o644, type: 'file', data });
  }
  return tree;
}
