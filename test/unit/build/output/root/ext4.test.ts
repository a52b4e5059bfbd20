import { expect, it } from 'vitest';
import { ext4Size, fillScript } from '../../../../../build/output/root/ext4.ts';
import type { Tree, TreeNode } from '../../../../../build/rootfs/tree.ts';

const META = { mode: 0o644, uid: 0, gid: 0, mtime: 0 };
const file = (size: number): TreeNode => ({
  ...META,
  type: 'file',
  data: { kind: 'host-file', path: '/host/file', size },
});

it('fillScript() goes by names, quotes them, and counts hard links', () => {
  const tree: Tree = new Map<string, TreeNode>([
    ['b', { ...META, mode: 0o755, type: 'directory' }],
    ['b/the "x"', { ...file(3), mode: 0o4755, uid: 7, gid: 8, mtime: 9 }],
    ['b/link', { ...META, type: 'hardlink', target: 'b/the "x"' }],
    ['a', { ...META, mode: 0o777, type: 'symlink', target: '../to here' }],
    ['null', { ...META, mode: 0o666, type: 'character-device', major: 1, minor: 3 }],
  ]);
  const lines = fillScript(tree, new Map([['b/the "x"', '/host/file']]));
  const times = lines.filter((line) => line.includes('time'));
  expect(times).toContain('sif "/b/the ""x""" ctime @9');
  expect(times).toContain('sif "/b/the ""x""" ctime_extra 0');
  expect(lines.filter((line) => !times.includes(line))).toEqual([
    'symlink "a" "../to here"',
    'mkdir "b"',
    'cd "/b"',
    'write "/host/file" "the ""x"""',
    'cd "/"',
    'mknod "null" c 1 3',
    'ln "/b/the ""x""" "/b/link"',
    'sif "/b/the ""x""" links_count 2',
    'sif "/" mode 040755',
    'sif "/" uid 0',
    'sif "/" gid 0',
    'sif "/lost+found" mode 040700',
    'sif "/lost+found" uid 0',
    'sif "/lost+found" gid 0',
    'sif "/a" mode 0120777',
    'sif "/a" uid 0',
    'sif "/a" gid 0',
    'sif "/b" mode 040755',
    'sif "/b" uid 0',
    'sif "/b" gid 0',
    'sif "/b/the ""x""" mode 0104755',
    'sif "/b/the ""x""" uid 7',
    'sif "/b/the ""x""" gid 8',
    'sif "/null" mode 020666',
    'sif "/null" uid 0',
    'sif "/null" gid 0',
  ]);
});

it('ext4Size() is as large as all of it, and not much larger', () => {
  const MIB = 1_048_576;
  const tree: Tree = new Map(
    Array.from({ length: 1000 }, (_, index) => [`f${index}`, file(100_000)] as const),
  );
  const { bytes, inodes } = ext4Size(tree);
  expect(bytes % MIB).toBe(0);
  expect(bytes).toBeGreaterThan(1000 * 102_400);
  expect(bytes).toBeLessThan(1000 * 102_400 * 1.05 + 6 * MIB);
  expect(inodes).toBeGreaterThan(1011);
});
