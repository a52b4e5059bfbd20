import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import * as fc from 'fast-check';
import { extract, pack, type Header } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TarError } from '../../../../supervisor/tar/tar-error.ts';
import { encodeHeader } from '../../../../supervisor/tar/tar-header.ts';
import { readTar, type TarLimits, writeTar } from '../../../../build/image/layer.ts';
import { readFileData } from '../../../../build/rootfs/file-data.ts';
import { UnsafePathError } from '../../../../build/rootfs/path.ts';
import type { Tree, TreeNode } from '../../../../build/rootfs/tree.ts';
import { directory, file, hardlink, symlink, treeOf } from '../rootfs/trees.ts';

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'ishmael-layer-'));
});
afterAll(async () => {
  await rm(scratch, { recursive: true });
});

type Entry = Partial<Header> & Pick<Header, 'name'>;

function archive(...entries: readonly Entry[]): Readable {
  const tar = pack();
  for (const entry of entries) tar.entry(entry, '');
  tar.finalize();
  return Readable.from(tar as AsyncIterable<Uint8Array>, { objectMode: false });
}

/** A header as nobody would write it, and nothing after it. */
function header(fields: Partial<Parameters<typeof encodeHeader>[0]>): Readable {
  const common = { name: 'x', mode: 0o644, uid: 0, gid: 0, size: 0, mtime: 0, type: '0' };
  const block = encodeHeader({ ...common, linkname: '', major: 0, minor: 0, ...fields });
  return Readable.from([block, Buffer.alloc(1024)]);
}

let files = 0;
async function read(source: Readable, limits?: TarLimits): Promise<Tree> {
  files += 1;
  return readTar(source, join(scratch, `data-${files}`), limits);
}

/** The tree with contents in memory. */
async function inMemory(tree: Tree): Promise<Tree> {
  const loaded: Tree = new Map();
  for (const [path, node] of tree) {
    if (node.type !== 'file') loaded.set(path, node);
    else {
      const bytes = Buffer.from(await readFileData(node.data));
      loaded.set(path, { ...node, data: { kind: 'bytes', bytes } });
    }
  }
  return loaded;
}

const LONG = `long/${'x'.repeat(120)}/${'y'.repeat(120)}`;
// cap_net_raw+ep: bytes that are no text.
const CAPABILITY = Buffer.from('0100000200200000000000000000000080ff', 'hex').toString('base64');

const META = { uid: 7, gid: 8, mtime: 1_000_000_000 };
const SAMPLE = treeOf({
  bin: directory(),
  'bin/a': { ...file('first'), ...META, mode: 0o4755 },
  'bin/b': { ...file('second'), xattrs: { 'security.capability': CAPABILITY, 'user.a': '' } },
  'bin/c': hardlink('bin/a'),
  'bin/d': symlink(`../bin/${'b'.repeat(150)}`),
  [LONG]: file('long'),
  'Grüße 🐳': file('call me'),
  big: { ...file('ids'), uid: 4_000_000_000, gid: 3_000_000 },
  null: { ...META, mode: 0o666, type: 'character-device', major: 1, minor: 3 },
  fifo: { ...META, mode: 0o600, type: 'fifo' },
});

describe('readTar()', () => {
  test('reads back what writeTar() wrote, contents by range', async () => {
    const tree = await read(writeTar(SAMPLE));
    expect(tree.get('bin/a')).toMatchObject({ data: { kind: 'host-range', size: 5 } });
    expect(await inMemory(tree)).toEqual(SAMPLE);
  });

  test('reads back any tree', async () => {
    const name = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
      .filter((text) => !/[/\0]/u.test(text) && text !== '.' && text !== '..');
    const path = fc.array(name, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'));
    const id = fc.nat(0xffff_fffe);
    const xattrs = fc.dictionary(
      fc.stringMatching(/^user\.[a-z]{1,9}$/u),
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('base64')),
      { minKeys: 1, maxKeys: 3 },
    );
    const meta = fc.record({ mode: fc.nat(0o7777), uid: id, gid: id, mtime: fc.nat(0xffff_ffff) });
    const kind: fc.Arbitrary<object> = fc.oneof(
      fc
        .uint8Array({ maxLength: 2000 })
        .map((bytes) => ({ type: 'file', data: { kind: 'bytes', bytes: Buffer.from(bytes) } })),
      fc.constantFrom({ type: 'directory' }, { type: 'fifo' }),
      path.map((target) => ({ type: 'symlink', target })),
      fc
        .tuple(fc.nat(4095), fc.nat(0xfffff))
        .map(([major, minor]) => ({ type: 'block-device', major, minor })),
    );
    const node = fc
      .tuple(meta, kind, fc.option(xattrs))
      .map(([m, k, x]) => ({ ...m, ...k, ...(x === null ? {} : { xattrs: x }) }) as TreeNode);
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.tuple(path, node), { selector: ([p]) => p }),
        async (e) => {
          expect(await inMemory(await read(writeTar(new Map(e))))).toEqual(new Map(e));
        },
      ),
      { numRuns: 50 },
    );
  });

  test('reads pieces of any size', async () => {
    const whole = await buffer(writeTar(SAMPLE));
    for (const size of [1, 7, 511, 513]) {
      const pieces = Array.from({ length: Math.ceil(whole.length / size) }, (_, index) =>
        whole.subarray(index * size, (index + 1) * size),
      );
      expect(await inMemory(await read(Readable.from(pieces)))).toEqual(SAMPLE);
    }
  });

  test.each(['../escape', 'a/../../b', 'a/..', '..'])('refuses the entry %s', async (name) => {
    await expect(read(archive({ name }))).rejects.toThrow(UnsafePathError);
  });

  test('refuses a hard link that leads out', async () => {
    const tar = archive({ name: 'passwd', type: 'link', linkname: '../../etc/passwd' });
    await expect(read(tar)).rejects.toThrow(UnsafePathError);
  });

  test('refuses a way out that only an extended header names', async () => {
    const tar = pack();
    tar.entry({ name: 'x', pax: { path: '../escape' } }, '');
    tar.finalize();
    await expect(
      read(Readable.from(tar as AsyncIterable<Uint8Array>, { objectMode: false })),
    ).rejects.toThrow(UnsafePathError);
  });

  test('takes an absolute name as one below the root', async () => {
    const tree = await read(archive({ name: '/etc/x' }));
    expect([...tree.keys()]).toEqual(['etc/x']);
  });

  test('rejects an archive that ends in the middle', async () => {
    const whole = await buffer(writeTar(treeOf({ a: file('x'.repeat(5000)) })));
    for (const length of [100, 2000, 5600]) {
      const half = Readable.from([whole.subarray(0, length)]);
      await expect(read(half)).rejects.toThrow(/end of data/u);
    }
  });

  test.each<[string, Readable, string, string]>([
    ['a file of a petabyte', header({ size: 2 ** 32 }), 'absurd', 'x'],
    ['an unknown type', header({ type: 'M' }), 'unsupported', 'x'],
    ['a device nobody has', header({ type: '3', major: 4096 }), 'absurd', 'x'],
    ['a link to nothing', header({ type: '2' }), 'malformed', 'x'],
    ['an endless extended header', header({ type: 'x', size: 2 ** 30 }), 'absurd', 'x'],
    ['an endless long name', header({ type: 'L', size: 2 ** 30 }), 'absurd', 'x'],
    ['garbage', Readable.from([Buffer.alloc(2048, 'x')]), 'malformed', 'x'.repeat(100)],
  ])('refuses %s by name', async (_, source, code, path) => {
    const limits = { entries: 10, devices: 1, fileBytes: 2 ** 31 };
    await expect(read(source, limits)).rejects.toMatchObject({ name: 'TarError', code, path });
  });

  test.each<[string, Partial<TarLimits>, string]>([
    ['entries', { entries: 2 }, 'fifo-2'],
    ['devices', { devices: 1 }, 'null-1'],
    ['bytes altogether', { totalBytes: 9 }, 'file-1'],
  ])('refuses more %s than a machine could hold', async (_, limit, path) => {
    const kind = path.split('-')[0];
    const nodes = [0, 1, 2].map((index): [string, TreeNode] => {
      if (kind === 'file') return [`file-${index}`, file('12345')];
      const node = { ...META, mode: 0o666, type: 'character-device', major: 1, minor: 3 } as const;
      return [`${kind}-${index}`, kind === 'null' ? node : { ...node, type: 'fifo' }];
    });
    const limits = { entries: 10, devices: 10, fileBytes: 100, ...limit };
    const reading = read(writeTar(new Map(nodes)), limits);
    await expect(reading).rejects.toMatchObject({ code: 'absurd', path });
  });

  test('refuses names that the guest could not open', async () => {
    await expect(read(archive({ name: 'n'.repeat(256) }))).rejects.toThrow(TarError);
    const deep = Array.from({ length: 1000 }, () => 'deep').join('/');
    await expect(read(archive({ name: deep }))).rejects.toThrow(TarError);
  });

  test('leaves out attributes that steer an overlay', async () => {
    const xattrs = { 'trusted.overlay.opaque': 'eQ==', 'user.overlay.redirect': 'Lw==' };
    const tree = await read(writeTar(treeOf({ a: { ...directory(), xattrs } })));
    expect(tree.get('a')).toEqual(directory());
    const kept = { ...xattrs, 'user.mine': 'eQ==' };
    const other = await read(writeTar(treeOf({ a: { ...directory(), xattrs: kept } })));
    expect(other.get('a')?.xattrs).toEqual({ 'user.mine': 'eQ==' });
  });

  test('never hangs or leaks on bytes of any kind', async () => {
    const whole = await buffer(writeTar(SAMPLE));
    const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
        const bytes = Buffer.from(whole);
        for (const [at, value] of changes) bytes[at] = value;
        const error: unknown = await read(Readable.from([bytes])).then(
          () => undefined,
          (reason: unknown) => reason,
        );
        const isRefusal = error instanceof TarError || error instanceof UnsafePathError;
        expect(error === undefined || isRefusal).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

describe('writeTar()', () => {
  test('gives the same bytes whatever the order of the map', async () => {
    const nodes = { a: directory(), 'a/x': file('x'), b: hardlink('a/x'), c: file('c') };
    const backwards = Object.fromEntries(Object.entries(nodes).toReversed());
    expect(await buffer(writeTar(treeOf(nodes)))).toEqual(
      await buffer(writeTar(treeOf(backwards))),
    );
  });

  test('is read the same by another library', async () => {
    const entries = extract();
    writeTar(SAMPLE).pipe(entries);
    const found = new Map<string, [unknown, string]>();
    for await (const entry of entries) {
      const { type, mode, uid, linkname } = entry.header;
      const contents = (await buffer(entry)).toString();
      found.set(entry.header.name.replace(/\/$/u, ''), [[type, mode, uid, linkname], contents]);
    }
    expect(found.size).toBe(SAMPLE.size);
    expect(found.get('bin/a')).toEqual([['file', 0o4755, 7, null], 'first']);
    expect(found.get(LONG)?.[1]).toBe('long');
    expect(found.get('Grüße 🐳')?.[1]).toBe('call me');
    expect(found.get('bin/d')?.[0]).toMatchObject({ 3: `../bin/${'b'.repeat(150)}` });
  });

  test('says the size of a file of more than 8 GiB', async () => {
    const data = { kind: 'host-range', path: '/dev/zero', offset: 0, size: 9 * 2 ** 30 } as const;
    const archived = writeTar(treeOf({ huge: { ...file(''), type: 'file', data } }));
    const chunks = archived[Symbol.asyncIterator]();
    const start = [await chunks.next(), await chunks.next()].map(({ value }) => value as Buffer);
    archived.destroy();
    expect(start.join('')).toContain(`size=${9 * 2 ** 30}\n`);
    const limits = { entries: 1, devices: 0, fileBytes: 2 ** 33 };
    await expect(read(Readable.from(start), limits)).rejects.toMatchObject({ path: 'huge' });
  });

  test('carries records of its caller', async () => {
    const tar = writeTar(treeOf({ a: file('x') }), (path) => ({ 'LINUXKIT.source': `of ${path}` }));
    expect((await buffer(tar)).toString()).toContain('24 LINUXKIT.source=of a\n');
  });
});
