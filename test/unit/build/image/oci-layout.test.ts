import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ImageConfig } from '../../../../build/image/image-store.ts';
import { encodeHeader } from '../../../../supervisor/tar/tar-header.ts';
import { blobPath, writeBlob } from '../../../../build/image/blobs.ts';
import { writeTar } from '../../../../build/image/layer.ts';
import { ImageFormatError } from '../../../../build/image/oci-format.ts';
import { openImageStore } from '../../../../build/image/oci-layout.ts';
import { readFileData } from '../../../../build/rootfs/file-data.ts';
import type { Tree } from '../../../../build/rootfs/tree.ts';
import { directory, file, treeOf } from '../rootfs/trees.ts';

const CONFIG: ImageConfig = {
  entrypoint: ['redis-server'],
  cmd: ['--port', '1'],
  env: ['PATH=/bin'],
  workingDir: '/var',
  stopSignal: 'SIGINT',
  labels: { a: 'b' },
};

let layout: string;
beforeEach(async () => {
  layout = await mkdtemp(join(tmpdir(), 'ishmael-store-'));
});
afterEach(async () => {
  await rm(layout, { recursive: true });
});

/** An archive with one empty file, or with a hard link. */
function tarOf(name: string, linkname = ''): Buffer {
  const common = { name, mode: 0o644, uid: 0, gid: 0, size: 0, mtime: 0, major: 0, minor: 0 };
  const header = encodeHeader({ ...common, linkname, type: linkname === '' ? '0' : '1' });
  return Buffer.concat([header, Buffer.alloc(1024)]);
}

async function text(tree: Tree, path: string): Promise<string | undefined> {
  const node = tree.get(path);
  return node?.type === 'file' ? Buffer.from(await readFileData(node.data)).toString() : undefined;
}

describe('openImageStore()', () => {
  test('finds an image with its config and its layers applied in order', async () => {
    const store = openImageStore(layout);
    const lower = await store.writeLayer(treeOf({ a: directory(), 'a/x': file('1') }));
    const upper = await store.writeLayer(treeOf({ 'a/x': file('2'), 'a/y': file('3') }));
    await store.putImage('ishmael/test', CONFIG, [lower, upper]);

    const image = await store.find('ishmael/test:latest');
    expect(image).toMatchObject({ reference: 'ishmael/test:latest', config: CONFIG });
    if (image === undefined) return;
    // The second reading takes the unpacked layers of the first.
    for (const tree of [await store.tree(image), await openImageStore(layout).tree(image)]) {
      expect([...tree.keys()].sort()).toEqual(['a', 'a/x', 'a/y']);
      expect([await text(tree, 'a/x'), await text(tree, 'a/y')]).toEqual(['2', '3']);
    }
  });

  test('has nothing before anything is put, and nothing under another name', async () => {
    const store = openImageStore(join(layout, 'absent'));
    expect(await store.find('ishmael/test')).toBeUndefined();
    await store.putImage('ishmael/test:1', CONFIG, []);
    expect(await store.find('ishmael/test')).toBeUndefined();
  });

  test('writes the same bytes for the same image', async () => {
    const put = async (directoryName: string): Promise<string | undefined> => {
      const store = openImageStore(join(layout, directoryName));
      await store.putImage('x', CONFIG, [await store.writeLayer(treeOf({ f: file('f') }))]);
      return (await store.find('x'))?.digest;
    };
    expect(await put('one')).toBe(await put('two'));
  });

  test('keeps every name when images are put at the same time', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    await Promise.all(names.map((name) => openImageStore(layout).putImage(name, CONFIG, [])));
    for (const name of names) expect(await openImageStore(layout).find(name)).toBeDefined();
  });

  test('finds an image by its digest', async () => {
    const { digest } = await openImageStore(layout).putImage('x', CONFIG, []);
    expect(await openImageStore(layout).find(`x@${digest}`)).toMatchObject({ digest });
  });

  test('refuses a layer whose contents changed on disk', async () => {
    const store = openImageStore(layout);
    const layer = await store.writeLayer(treeOf({ f: file('f') }));
    const other = await store.writeLayer(treeOf({ f: file('g') }));
    const image = await store.putImage('x', CONFIG, [layer]);
    const wrong = await readFile(blobPath(layout, other.descriptor.digest));
    await writeFile(blobPath(layout, layer.descriptor.digest), wrong);

    await expect(store.tree(image)).rejects.toThrow(ImageFormatError);
    expect(await readdir(join(layout, 'unpacked'))).toEqual([]);
  });

  test.each<[string, string, Buffer]>([
    ['tar', 'climbs out', tarOf('../x')],
    ['tar+gzip', 'is no gzip', Buffer.from('garbage, and more of it')],
    ['tar+zstd', 'is no zstd', Buffer.from('garbage, and more of it')],
    ['tar+gzip', 'ends early', gzipSync(Buffer.alloc(100_000, 'x')).subarray(0, 50)],
    ['tar+lzma', 'is of another kind', Buffer.from('x')],
    ['tar', 'links to nothing', tarOf('x', 'nowhere')],
  ])('refuses a %s layer that %s, by name, and keeps nothing of it', async (form, _, bytes) => {
    const blob = await writeBlob(layout, bytes);
    const mediaType = `application/vnd.oci.image.layer.v1.${form}`;
    const layer = { descriptor: { mediaType, ...blob }, diffId: blob.digest };
    const store = openImageStore(layout);
    const image = await store.putImage('bad:1', CONFIG, [layer]);

    const error: unknown = await store.tree(image).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ImageFormatError);
    expect(String(error)).toMatch(/Cannot use bad:1: /u);
    if (form !== 'tar') expect(await readdir(join(layout, 'unpacked'))).toEqual([]);
  });

  test.each([
    ['tar', (bytes: Buffer) => bytes],
    ['tar+gzip', gzipSync],
    ['tar+zstd', zstdCompressSync],
  ])('reads a layer as %s', async (form, compress) => {
    const bytes = compress(await buffer(writeTar(treeOf({ f: file('x'.repeat(3000)) }))));
    const blob = await writeBlob(layout, bytes);
    const mediaType = `application/vnd.oci.image.layer.v1.${form}`;
    const store = openImageStore(layout);
    const layer = { descriptor: { mediaType, ...blob }, diffId: blob.digest };
    const image = await store.putImage('x:1', CONFIG, [layer]);
    expect(await text(await store.tree(image), 'f')).toBe('x'.repeat(3000));
  });

  test('removes what no name leads to any more, but not before its time', async () => {
    const store = openImageStore(layout);
    const [old, fresh, kept] = await Promise.all(
      ['old', 'fresh', 'kept'].map((word) => store.writeLayer(treeOf({ f: file(word) }))),
    );
    if (old === undefined || fresh === undefined || kept === undefined) return;
    for (const { descriptor } of [old, kept])
      await utimes(blobPath(layout, descriptor.digest), 1, 1);

    await store.putImage('x', CONFIG, [kept]);

    expect(await store.hasLayer(kept)).toBe(true);
    expect(await store.hasLayer(fresh)).toBe(true);
    expect(await store.hasLayer(old)).toBe(false);
  });

  test('keeps an image of one name for each architecture', async () => {
    const put = async (architecture: string): Promise<string> => {
      const store = openImageStore(layout, architecture);
      const layer = await store.writeLayer(treeOf({ f: file(architecture) }));
      return (await store.putImage('x:1', CONFIG, [layer])).digest;
    };
    const digests = [await put('amd64'), await put('arm64'), await put('amd64')];
    expect(digests[0]).toBe(digests[2]);
    const found = async (architecture: string): Promise<string | undefined> =>
      (await openImageStore(layout, architecture).find('x:1'))?.digest;
    expect([await found('amd64'), await found('arm64'), await found('s390x')]).toEqual([
      digests[0],
      digests[1],
      undefined,
    ]);
  });

  test('is an OCI image layout to other tools', async () => {
    await openImageStore(layout).putImage('ishmael/test', CONFIG, []);
    expect(JSON.parse(await readFile(join(layout, 'oci-layout'), 'utf8'))).toEqual({
      imageLayoutVersion: '1.0.0',
    });
    expect(JSON.parse(await readFile(join(layout, 'index.json'), 'utf8'))).toMatchObject({
      schemaVersion: 2,
      manifests: [{ annotations: { 'org.opencontainers.image.ref.name': 'ishmael/test:latest' } }],
    });
  });
});
