import { describe, expect, test } from 'vitest';
import { mergeTrees } from '../../../../build/rootfs/merge.ts';
import { directory, file, hardlink, show, symlink, treeOf } from './trees.ts';

describe('mergeTrees()', () => {
  test('lets the later file win and merges directories', () => {
    const first = treeOf({ etc: directory(), 'etc/a': file('1'), 'etc/b': file('1') });
    const second = treeOf({ etc: directory(0o700), 'etc/b': file('2'), 'etc/c': file('2') });

    const merged = mergeTrees(first, second);

    expect(show(merged)).toEqual({ etc: 'directory', 'etc/a': '1', 'etc/b': '2', 'etc/c': '2' });
    expect(merged.get('etc')?.mode).toBe(0o700);
    expect(first.get('etc')?.mode).toBe(0o755);
  });

  test('follows a linked directory of the base', () => {
    const base = treeOf({ lib: symlink('usr/lib'), usr: directory(), 'usr/lib': directory() });
    const upper = treeOf({
      lib: directory(),
      'lib/modules': directory(),
      'lib/modules/m': file('m'),
    });

    expect(show(mergeTrees(base, upper))).toEqual({
      lib: 'symlink usr/lib',
      usr: 'directory',
      'usr/lib': 'directory',
      'usr/lib/modules': 'directory',
      'usr/lib/modules/m': 'm',
    });
  });

  test('moves the files of a directory that later becomes a link', () => {
    const base = treeOf({ lib: directory(), 'lib/a': file('base'), 'lib/b': file('base') });
    const upper = treeOf({
      lib: symlink('usr/lib'),
      usr: directory(),
      'usr/lib': directory(),
      'usr/lib/a': file('upper'),
    });

    expect(show(mergeTrees(base, upper))).toEqual({
      lib: 'symlink usr/lib',
      usr: 'directory',
      'usr/lib': 'directory',
      'usr/lib/a': 'upper',
      'usr/lib/b': 'base',
    });
  });

  test('replaces a directory by a file with everything in it, and a file by a directory', () => {
    const base = treeOf({ a: directory(), 'a/x': file('x'), ab: file('ab'), b: file('b') });
    const upper = treeOf({ a: file('file'), b: directory(), 'b/y': file('y') });

    expect(show(mergeTrees(base, upper))).toEqual({
      a: 'file',
      ab: 'ab',
      b: 'directory',
      'b/y': 'y',
    });
  });

  test('makes directories that a tree left out', () => {
    expect(show(mergeTrees(treeOf({ 'a/b/c': file('c') })))).toEqual({
      a: 'directory',
      'a/b': 'directory',
      'a/b/c': 'c',
    });
  });

  test('keeps the contents of a hard link whose target is replaced', () => {
    const base = treeOf({ a: file('old'), b: hardlink('a'), c: hardlink('a') });

    expect(show(mergeTrees(base, treeOf({ a: file('new') })))).toEqual({
      a: 'new',
      b: 'old',
      c: 'hardlink b',
    });
  });

  test('points a hard link at where its target went', () => {
    const base = treeOf({ lib: symlink('usr/lib'), usr: directory(), 'usr/lib': directory() });
    const upper = treeOf({ 'lib/a': file('a'), 'lib/b': hardlink('lib/a') });

    expect(show(mergeTrees(base, upper))).toMatchObject({
      'usr/lib/a': 'a',
      'usr/lib/b': 'hardlink usr/lib/a',
    });
  });

  test('drops what lies behind a loop of links', () => {
    const base = treeOf({ loop: symlink('loop') });

    expect(show(mergeTrees(base, treeOf({ 'loop/x': file('x') })))).toEqual({
      loop: 'symlink loop',
    });
  });
});
