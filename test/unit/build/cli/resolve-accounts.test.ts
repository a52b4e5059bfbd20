import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { resolveAccounts } from '../../../../build/cli/resolve-accounts.ts';
import type { Image } from '../../../../build/image/image-store.ts';
import { readText } from '../../../../build/rootfs/read-text.ts';
import type { FileData, Tree, TreeNode } from '../../../../build/rootfs/tree.ts';
import { byReference, image, validConfig } from '../config/fixtures.ts';

const META = { mode: 0o644, uid: 0, gid: 0, mtime: 0 };

function file(data: FileData): TreeNode {
  return { ...META, type: 'file', data };
}

function text(contents: string): TreeNode {
  return file({ kind: 'bytes', bytes: Buffer.from(contents) });
}

const TREE: Tree = new Map([
  ['etc/passwd', { ...META, type: 'symlink', target: '../usr/passwd' }],
  ['usr/passwd', text('web:x:33:44::/:\n')],
  ['etc/group', text('web:x:44:\n')],
]);

async function resolve(
  services: string,
  image_: Image,
  head = '',
): Promise<{ accounts: unknown; problems: readonly string[]; reads: number }> {
  const { config, places } = validConfig(`kernel: {image: k}\n${head}services:\n${services}`);
  let reads = 0;
  const tree = (): Promise<Tree> => {
    reads += 1;
    return Promise.resolve(TREE);
  };
  const found = await resolveAccounts(config, byReference(image_), places, { tree });
  const problems = found.diagnostics.map(({ line, col, code }) => `${line}:${col} ${code}`);
  return { accounts: Object.fromEntries(found.accounts), problems, reads };
}

describe('resolveAccounts()', () => {
  const user = image('i', { user: 'web' });

  test("finds the image's user in the image's files, links followed", async () => {
    const services = '  - {name: a, image: i}\n  - {name: b, image: i}\n';
    expect(await resolve(services, user)).toEqual({
      accounts: { i: { uid: 33, gid: 44, additionalGids: [] } },
      problems: [],
      reads: 1,
    });
  });

  test('places an image whose user it does not have', async () => {
    const { problems } = await resolve('  - {name: a, image: i}\n', image('i', { user: 'nemo' }));
    expect(problems).toEqual(['3:22 unknown-user']);
  });

  test.each([
    ['the file names one', '  - {name: a, image: i, uid: 5}\n', user, ''],
    ['the image names none', '  - {name: a, image: i}\n', image('i'), ''],
    ['LinuxKit would not look', '  - {name: a, image: i}\n', user, 'defaults: linuxkit\n'],
    [
      'the label names one',
      '  - {name: a, image: i}\n',
      image('i', { user: 'web', labels: { 'org.mobyproject.config': '{"uid": 7}' } }),
      '',
    ],
  ])('reads no image where %s', async (_, services, image_, head) => {
    expect(await resolve(services, image_, head)).toEqual({ accounts: {}, problems: [], reads: 0 });
  });
});

describe('readText()', () => {
  let dir = '';
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'read-text-'))));
  afterEach(() => rmSync(dir, { recursive: true }));

  test('reads contents wherever they lie', async () => {
    const path = join(dir, 'data');
    writeFileSync(path, '0123456789');
    const tree: Tree = new Map([
      ['whole', file({ kind: 'host-file', path, size: 10 })],
      ['part', file({ kind: 'host-range', path, offset: 2, size: 3 })],
      ['again', { ...META, type: 'hardlink', target: 'part' }],
      ['dir', { ...META, type: 'directory' }],
    ]);
    expect(await readText(tree, 'whole')).toBe('0123456789');
    expect(await readText(tree, 'part')).toBe('234');
    expect(await readText(tree, 'again')).toBe('234');
    expect(await readText(tree, 'dir')).toBeUndefined();
    expect(await readText(tree, 'nothing')).toBeUndefined();
  });
});
