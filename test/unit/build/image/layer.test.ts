import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pack, type Header } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readTar, writeTar } from '../../../../build/image/layer.ts';
import { readFileData } from '../../../../build/rootfs/file-data.ts';
import { UnsafePathError } from '../../../../build/rootfs/path.ts';
import { directory, file, hardlink, symlink, treeOf } from '../rootfs/trees.ts';

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'ishmael-layer-'));
});
afterAll(async () => {
  await rm(scratch, { recursive: true });
});

function archive(...entries: readonly (Partial<Header> & Pick<Header, 'name'>)[]): Readable {
  const tar = pack();
  for (const entry of entries) tar.entry(entry, '');
  tar.finalize();
  return Readable.from(tar as AsyncIterable<Uint8Array>, { objectMode: false });
}

describe('readTar()', () => {
  test('reads back what writeTar() wrote, contents by range', async () => {
    const meta = { uid: 7, gid: 8, mtime: 1_000_000_000 };
    const tree = treeOf({
      bin: directory(),
      'bin/a': { ...file('first'), ...meta, mode: 0o4755 },
      'bin/b': file('second'),
      'bin/c': hardlink('bin/a'),
      'bin/d': symlink('../bin/b'),
      [`long/${'x'.repeat(120)}/${'y'.repeat(120)}`]: file('long'),
      null: { ...meta, mode: 0o666, type: 'character-device', major: 1, minor: 3 },
      fifo: { ...meta, mode: 0o600, type: 'fifo' },
    });

    const read = await readTar(writeTar(tree), join(scratch, 'data'));

    expect([...read.keys()].sort()).toEqual([...tree.keys()].sort());
    for (const [path, node] of read) {
      if (node.type === 'file') {
        expect(node.data.kind).toBe('host-range');
        const bytes = await readFileData(node.data);
        expect({ ...node, data: { kind: 'bytes', bytes } }).toEqual(tree.get(path));
      } else expect(node).toEqual(tree.get(path));
    }
  });

  test.each(['../escape', 'a/../../b'])('refuses the entry %s', async (name) => {
    const reading = readTar(archive({ name }), join(scratch, 'hostile'));
    await expect(reading).rejects.toThrow(UnsafePathError);
  });

  test('refuses a hard link that leads out', async () => {
    const tar = archive({ name: 'passwd', type: 'link', linkname: '../../etc/passwd' });
    await expect(readTar(tar, join(scratch, 'hostile'))).rejects.toThrow(UnsafePathError);
  });

  test('takes an absolute name as one below the root', async () => {
    const tree = await readTar(archive({ name: '/etc/x' }), join(scratch, 'absolute'));
    expect([...tree.keys()]).toEqual(['etc/x']);
  });

  test('rejects an archive that ends in the middle', async () => {
    const whole = await buffer(writeTar(treeOf({ a: file('x'.repeat(5000)) })));
    const half = Readable.from([whole.subarray(0, 2000)]);
    await expect(readTar(half, join(scratch, 'half'))).rejects.toThrow(/end of data/u);
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
});
