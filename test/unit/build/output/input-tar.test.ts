import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeTar } from '../../../../build/image/layer.ts';
import type { MachineParts } from '../../../../build/output/machine-trees.ts';
import { containerKey, rootKey, volumeKey } from '../../../../build/output/part-key.ts';
import { readInputTar } from '../../../../build/output/read-input-tar.ts';
import { readText } from '../../../../build/rootfs/read-text.ts';
import type { Tree, TreeNode } from '../../../../build/rootfs/tree.ts';

let dir = '';
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'input-tar-'))));
afterEach(() => rmSync(dir, { recursive: true }));

const META = { mode: 0o644, uid: 0, gid: 0, mtime: 0 };
function file(text: string): TreeNode {
  return { ...META, type: 'file', data: { kind: 'bytes', bytes: Buffer.from(text) } };
}

async function archive(tree: Tree, parts: Readonly<Record<string, string>>): Promise<string> {
  const path = join(dir, 'in.tar');
  const bytes = await buffer(
    writeTar(tree, (name) => {
      const part = parts[name];
      return part === undefined ? { 'LINUXKIT.source': 'x' } : { 'ISHMAEL.part': part };
    }),
  );
  writeFileSync(path, bytes);
  return path;
}

describe('readInputTar()', () => {
  const tree: Tree = new Map([
    ['a', file('one')],
    ['b', file('two')],
    ['c', { ...META, type: 'hardlink', target: 'b' }],
    ['d', file('nobody')],
  ]);

  test('has the entries of each part with their contents, and no others', async () => {
    const parts = await readInputTar(await archive(tree, { a: 'p', b: 'q', c: 'q' }), dir);
    const names = [...parts].map(([key, part]) => [key, [...part.keys()].sort()]);
    expect(Object.fromEntries(names)).toEqual({ p: ['a'], q: ['b', 'c'] });
    expect(await readText(parts.get('q') ?? new Map(), 'b')).toBe('two');
  });

  test("refuses an archive that has LinuxKit's records only", async () => {
    const reading = readInputTar(await archive(tree, {}), dir);
    await expect(reading).rejects.toMatchObject({ name: 'InputTarError', code: 'no-records' });
  });

  test('refuses what is no archive', async () => {
    const path = join(dir, 'in.tar');
    writeFileSync(path, 'x'.repeat(700));
    await expect(readInputTar(path, dir)).rejects.toMatchObject({ code: 'broken' });
  });
});

describe('keys of parts', () => {
  const image = (digest: string): MachineParts['kernel'] => ({
    reference: 'any',
    digest,
    config: { entrypoint: [], cmd: [], env: [], workingDir: '', stopSignal: '', labels: {} },
  });
  const parts = {
    kernel: image('k'),
    kernelFiles: { binary: 'kernel', tar: 'kernel.tar' },
    init: [image('a'), image('b')],
    containers: [],
    volumes: [],
    files: new Map([['etc/x', file('1')]]),
  } as unknown as MachineParts;
  const all = (machine: MachineParts): string[] => [
    rootKey(machine, 'init[0]'),
    containerKey(machine, image('c')),
    volumeKey(machine, { name: 'v', format: 'filesystem' }),
  ];

  test('do not change with the contents of files, but with their names', () => {
    expect(all({ ...parts, files: new Map([['etc/x', file('2')]]) })).toEqual(all(parts));
    const others = all({ ...parts, files: new Map([['etc/y', file('1')]]) });
    for (const [index, key] of all(parts).entries()) expect(others[index]).not.toBe(key);
  });

  test('of the root are one for all its images, and differ by place', () => {
    const other = { ...parts, init: [image('a'), image('z')] };
    expect(rootKey(other, 'init[0]')).not.toBe(rootKey(parts, 'init[0]'));
    expect(rootKey(parts, 'kernel')).not.toBe(rootKey(parts, 'init[0]'));
    expect(containerKey(other, image('c'))).toBe(containerKey(parts, image('c')));
    expect(containerKey(parts, image('d'))).not.toBe(containerKey(parts, image('c')));
  });
});
