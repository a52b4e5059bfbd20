/** Small images for tests, made by our own store and carried about by skopeo. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageConfig } from '../../build/image/image-store.ts';
import { openImageStore } from '../../build/image/oci-layout.ts';
import type { Tree, TreeNode } from '../../build/rootfs/tree.ts';

const CONFIG: ImageConfig = {
  entrypoint: ['/bin/app'],
  cmd: [],
  env: ['MOTTO=sea'],
  workingDir: '',
  stopSignal: '',
  labels: {},
};

/** A file of this text. */
export function textFile(text: string): TreeNode {
  const bytes = Buffer.from(text);
  return { mode: 0o755, uid: 0, gid: 0, mtime: 0, type: 'file', data: { kind: 'bytes', bytes } };
}

export interface TestImage {
  /** One layer each: path → contents. */
  readonly layers: readonly Readonly<Record<string, string>>[];
  readonly architecture?: string;
  readonly config?: Partial<ImageConfig>;
}

/** Writes an OCI layout with one image, `TAG`; returns the digest of its manifest. */
export async function writeLayout(
  directory: string,
  tag: string,
  { layers, architecture = 'amd64', config = {} }: TestImage,
): Promise<string> {
  const store = openImageStore(directory, architecture);
  const stored = [];
  for (const files of layers) {
    const tree: Tree = new Map(Object.entries(files).map(([path, text]) => [path, textFile(text)]));
    stored.push(await store.writeLayer(tree));
  }
  const { digest } = await store.putImage(`x:${tag}`, { ...CONFIG, ...config }, stored);
  const index = join(directory, 'index.json');
  // skopeo finds images by what stands behind the path: plain tags are easier there.
  writeFileSync(index, readFileSync(index, 'utf8').replaceAll(`"x:${tag}"`, `"${tag}"`));
  return digest;
}

/** An index over the images of a layout, by architecture, as one more image `TAG`; returns its digest. */
export function writeIndex(directory: string, tag: string): string {
  const path = join(directory, 'index.json');
  const index = JSON.parse(readFileSync(path, 'utf8')) as { manifests: object[] };
  const manifests = index.manifests.map((entry) => ({ ...entry, annotations: undefined }));
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  const text = JSON.stringify({ schemaVersion: 2, mediaType, manifests });
  const hex = createHash('sha256').update(text).digest('hex');
  mkdirSync(join(directory, 'blobs/sha256'), { recursive: true });
  writeFileSync(join(directory, 'blobs/sha256', hex), text);
  const annotations = { 'org.opencontainers.image.ref.name': tag };
  const entry = { mediaType, digest: `sha256:${hex}`, size: text.length, annotations };
  writeFileSync(path, JSON.stringify({ ...index, manifests: [...index.manifests, entry] }));
  return `sha256:${hex}`;
}

/** `from` and `to` as skopeo spells them. */
export function skopeoCopy(from: string, to: string, ...args: readonly string[]): void {
  execFileSync(
    'skopeo',
    ['copy', '--quiet', '--dest-tls-verify=false', '--src-tls-verify=false', ...args, from, to],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
}
