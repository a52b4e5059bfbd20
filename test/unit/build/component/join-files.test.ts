import { describe, expect, it } from 'vitest';
import { joinFiles } from '../../../../build/component/join-files.ts';
import { readFileData } from '../../../../build/rootfs/file-data.ts';
import type { Tree, TreeNode } from '../../../../build/rootfs/tree.ts';

function file(text: string): TreeNode {
  const data = { kind: 'bytes', bytes: Buffer.from(text) } as const;
  return { type: 'file', data, mode: 0o600, uid: 7, gid: 7, mtime: 7 };
}

const UNPACKED: Tree = new Map([
  ['usr/share/b.crt', file('second\n')],
  ['usr/share/a.crt', file('first\n')],
  ['usr/share/a.txt', file('other\n')],
]);

describe('joinFiles()', () => {
  it('makes one file of all that match, by name', async () => {
    const joined = { path: 'etc/all.crt', of: 'usr/share/*.crt' };
    const tree = await joinFiles(new Map(), UNPACKED, { name: 'x', joined });
    const node = tree.get('etc/all.crt');
    if (node?.type !== 'file') throw new Error('no file');
    expect(node).toMatchObject({ mode: 0o644, uid: 0, gid: 0, mtime: 0 });
    expect(Buffer.from(await readFileData(node.data)).toString()).toBe('first\nsecond\n');
  });

  it('leaves the tree of a recipe without it alone', async () => {
    const tree: Tree = new Map();
    expect(await joinFiles(tree, UNPACKED, { name: 'x' })).toBe(tree);
  });

  it('refuses a glob that matches nothing', async () => {
    const joined = { path: 'etc/all.crt', of: 'usr/share/*.pem' };
    await expect(joinFiles(new Map(), UNPACKED, { name: 'x', joined })).rejects.toThrow(
      'ishmael/x: no file of its packages matches usr/share/*.pem',
    );
  });
});
