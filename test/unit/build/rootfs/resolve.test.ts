import { describe, expect, test } from 'vitest';
import { resolvePath } from '../../../../build/rootfs/resolve.ts';
import { directory, file, symlink, treeOf } from './trees.ts';

const tree = treeOf({
  lib: symlink('usr/lib'),
  usr: directory(),
  'usr/lib': directory(),
  'usr/lib/abs': symlink('/usr/bin'),
  'usr/up': symlink('../lib/x'),
  'usr/lib/x': file('x'),
  out: symlink('../../../etc'),
  loop: symlink('loop2'),
  loop2: symlink('loop'),
});

describe('resolvePath()', () => {
  test('follows relative and absolute links among the directories', () => {
    expect(resolvePath(tree, 'lib/y')).toBe('usr/lib/y');
    expect(resolvePath(tree, 'lib/abs/z')).toBe('usr/bin/z');
  });

  test('leaves the last part alone unless asked', () => {
    expect(resolvePath(tree, 'usr/up')).toBe('usr/up');
    expect(resolvePath(tree, 'usr/up', 'all')).toBe('usr/lib/x');
  });

  test('never leads out of the tree', () => {
    expect(resolvePath(tree, 'out/passwd')).toBe('etc/passwd');
  });

  test('gives up on a loop', () => {
    expect(resolvePath(tree, 'loop/x')).toBeUndefined();
  });
});
