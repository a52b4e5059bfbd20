/** A root as ext4, as e2fsprogs sees it: owners, modes, links, devices, attributes, and the same bytes again. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Ext4Error, writeExt4 } from '../../build/output/root/ext4.ts';
import type { Tree, TreeNode } from '../../build/rootfs/tree.ts';

const META = { mode: 0o644, uid: 0, gid: 0, mtime: 0 };
const CAPABILITY = Buffer.from('0100000200200000000000000000000000000000', 'hex');
const bytes = (contents: Buffer): TreeNode & { type: 'file' } => ({
  ...META,
  type: 'file',
  data: { kind: 'bytes', bytes: contents },
});
const TREE: Tree = new Map<string, TreeNode>([
  ['', { ...META, mode: 0o755, type: 'directory' }],
  ['etc', { ...META, mode: 0o750, uid: 12, gid: 34, type: 'directory' }],
  ['etc/a first link', { ...META, type: 'hardlink', target: 'etc/owned "file"' }],
  [
    'etc/owned "file"',
    {
      ...bytes(Buffer.alloc(300_000, 7)),
      mode: 0o4755,
      uid: 1234,
      gid: 70_000,
      mtime: 86_400,
      xattrs: { 'security.capability': CAPABILITY.toString('base64') },
    },
  ],
  ['bin', { ...META, mode: 0o777, type: 'symlink', target: 'usr/bin' }],
  ['dev', { ...META, mode: 0o755, type: 'directory' }],
  ['dev/console', { ...META, mode: 0o600, type: 'character-device', major: 5, minor: 1 }],
  ...Array.from(
    { length: 500 },
    (_, index) => [`dev/file-${index}`, bytes(Buffer.from(String(index)))] as const,
  ),
]);

let folder: string;
let image: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ishmael-ext4-'));
  image = join(folder, 'root.img');
  await writeExt4(TREE, image, { digest: 'ab', scratch: folder });
});
afterAll(() => rm(folder, { recursive: true }));

function ask(request: string): string {
  const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
  const options = { env: { ...process.env, PATH: path, TZ: 'UTC' }, stdio: 'pipe' } as const;
  return execFileSync('debugfs', ['-R', request, image], options).toString();
}

it('keeps owners, modes, times, links and attributes', () => {
  const file = ask('stat "/etc/owned ""file"""');
  expect(file).toMatch(/Type: regular +Mode: +04755/u);
  expect(file).toMatch(/User: +1234 +Group: +70000 .*Size: 300000/u);
  expect(file).toMatch(/Links: 2 /u);
  for (const time of ['ctime', 'atime', 'mtime', 'crtime']) {
    expect(file).toMatch(new RegExp(`${time}: 0x00015180:00000000 -- Fri Jan {2}2 00:00:00 1970`));
  }
  expect(file).toContain('security.capability (20) = 01 00 00 02 00 20 00 00');
  expect(ask('stat "/etc/a first link"')).toContain(file.split('\n')[0]?.trim());
  expect(ask('stat /etc')).toMatch(/directory +Mode: +0750[^]*User: +12 +Group: +34 /u);
  expect(ask('stat /bin')).toContain('Fast link dest: "usr/bin"');
  expect(ask('stat /dev/console')).toMatch(
    /character special +Mode: +0600[^]*Device major\/minor number: 05:01/u,
  );
  expect(ask('cat /dev/file-499')).toBe('499');
});

it('is the same bytes again', async () => {
  const again = join(folder, 'again.img');
  const reversed: Tree = new Map([...TREE].toReversed());
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await writeExt4(reversed, again, { digest: 'ab', scratch: folder });
  const digest = async (path: string): Promise<string> =>
    createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
  expect(await digest(again)).toBe(await digest(image));
});

it('says so when it cannot be filled', async () => {
  const tree: Tree = new Map([['a', { ...META, type: 'hardlink', target: 'nobody' }]]);
  const broken = writeExt4(tree, join(folder, 'broken.img'), { digest: 'ab', scratch: folder });
  await expect(broken).rejects.toThrow(Ext4Error);
});
