import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openImageStore, type WritableImageStore } from '../../../../build/image/oci-layout.ts';
import { volumeTree } from '../../../../build/output/volume-tree.ts';
import { readText } from '../../../../build/rootfs/read-text.ts';
import type { Image } from '../../../../build/image/image-store.ts';
import type { Tree } from '../../../../build/rootfs/tree.ts';

const META = { mode: 0o644, uid: 1, gid: 2, mtime: 0 };
const BASE = 'containers/volumes/v';

let dir = '';
let store: WritableImageStore;
let image: Image;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'volume-tree-'));
  store = openImageStore(dir);
  const tree: Tree = new Map([
    ['a', { ...META, type: 'file', data: { kind: 'bytes', bytes: Buffer.from('hello') } }],
    ['b', { ...META, type: 'hardlink', target: 'a' }],
  ]);
  const config = { entrypoint: [], cmd: [], env: [], workingDir: '', stopSignal: '', labels: {} };
  image = await store.putImage('test/data', config, [await store.writeLayer(tree)]);
});
afterEach(() => rmSync(dir, { recursive: true }));

test('volumeTree() of nothing has the places for the guest to mount', async () => {
  const tree = await volumeTree({ name: 'v', format: 'filesystem' }, store);
  expect([...tree.keys()].sort()).toEqual([
    'containers',
    'containers/volumes',
    BASE,
    `${BASE}/lower`,
    `${BASE}/merged`,
    `${BASE}/tmp`,
  ]);
});

test("volumeTree() has an image's files, with links and owners", async () => {
  const tree = await volumeTree({ name: 'v', image, format: 'filesystem' }, store);
  expect(await readText(tree, `${BASE}/lower/b`)).toBe('hello');
  expect(tree.get(`${BASE}/lower/a`)).toMatchObject({ mode: 0o644, uid: 1, gid: 2 });
});

test('volumeTree() has an image as an OCI layout that can be read as one', async () => {
  const tree = await volumeTree({ name: 'v', image, format: 'oci' }, store);
  const read = async (path: string): Promise<unknown> =>
    JSON.parse((await readText(tree, `${BASE}/lower/${path}`)) ?? '');
  expect(await read('oci-layout')).toEqual({ imageLayoutVersion: '1.0.0' });
  const index = (await read('index.json')) as { manifests: [{ digest: string; size: number }] };
  const [{ digest, size }] = index.manifests;
  expect(digest).toBe(image.digest);
  const text = await readText(tree, `${BASE}/lower/blobs/${digest.replace(':', '/')}`);
  expect(text).toHaveLength(size);
  const manifest = JSON.parse(text ?? '') as {
    config: { digest: string };
    layers: { digest: string }[];
  };
  for (const blob of [manifest.config, ...manifest.layers]) {
    expect(tree.has(`${BASE}/lower/blobs/${blob.digest.replace(':', '/')}`)).toBe(true);
  }
});
