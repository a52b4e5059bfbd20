import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openImageStore, type WritableImageStore } from '../../../../build/image/oci-layout.ts';
import { volumeInputs, volumeTree } from '../../../../build/output/volume-tree.ts';
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
  const index = (await read('index.json')) as {
    manifests: [{ digest: string; size: number; platform: object }];
  };
  const [{ digest, size, platform }] = index.manifests;
  expect(platform).toEqual({ os: 'linux', architecture: 'amd64' });
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

test('volumeTree() has the image for each platform that is wanted, and no other', async () => {
  const arm = { reference: 'test/data', digest: await otherImage('arm/v7') };
  const platforms = [{ architecture: 'arm/v7', image: { ...image, ...arm } }];
  const tree = await volumeTree({ name: 'v', platforms, format: 'oci' }, store);
  const text = await readText(tree, `${BASE}/lower/index.json`);
  const index = JSON.parse(text ?? '') as { manifests: readonly object[] };
  expect(index.manifests).toEqual([
    expect.objectContaining({
      digest: arm.digest,
      platform: { os: 'linux', architecture: 'arm', variant: 'v7' },
      annotations: { 'org.opencontainers.image.ref.name': 'test/data' },
    }),
  ]);
  expect(tree.has(`${BASE}/lower/blobs/${image.digest.replace(':', '/')}`)).toBe(false);
});

test('volumeInputs() differ when the name, the reference or a platform does', () => {
  const volume = { name: 'v', image, format: 'oci' } as const;
  const inputs = [
    volume,
    { ...volume, name: 'w' },
    { ...volume, image: { ...image, reference: 'test/other' } },
    { name: 'v', format: 'oci', platforms: [{ architecture: 'arm64', image }] } as const,
    { name: 'v', format: 'oci', platforms: [{ architecture: 'amd64', image }] } as const,
  ].map(volumeInputs);
  expect(new Set(inputs).size).toBe(inputs.length);
});

async function otherImage(platform: string): Promise<string> {
  const other = openImageStore(dir, platform);
  return (await other.putImage('test/data', image.config, [])).digest;
}
