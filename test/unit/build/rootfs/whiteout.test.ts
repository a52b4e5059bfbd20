import { describe, expect, test } from 'vitest';
import { applyLayers } from '../../../../build/rootfs/whiteout.ts';
import { directory, file, hardlink, show, symlink, treeOf } from './trees.ts';

const lower = treeOf({
  etc: directory(),
  'etc/a': file('1'),
  'etc/b': file('1'),
  'etc/d': directory(),
  'etc/d/x': file('1'),
});

describe('applyLayers()', () => {
  test('removes what a whiteout names, with everything under it', () => {
    const upper = treeOf({ 'etc/.wh.a': file(''), 'etc/.wh.d': file('') });

    expect(show(applyLayers([lower, upper]))).toEqual({ etc: 'directory', 'etc/b': '1' });
  });

  test('hides all of a directory that is opaque, but not what its own layer adds', () => {
    const upper = treeOf({
      etc: directory(),
      'etc/b': file('2'),
      'etc/.wh..wh..opq': file(''),
    });

    expect(show(applyLayers([lower, upper]))).toEqual({ etc: 'directory', 'etc/b': '2' });
  });

  test('lets a whiteout and a new file of one name meet in one layer', () => {
    const upper = treeOf({ 'etc/a': file('2'), 'etc/.wh.a': file('') });

    expect(show(applyLayers([lower, upper]))['etc/a']).toBe('2');
  });

  test('replaces a link by a directory, as layers mean it', () => {
    const base = treeOf({ data: symlink('elsewhere'), elsewhere: directory() });
    const upper = treeOf({ data: directory(), 'data/x': file('x') });

    expect(show(applyLayers([base, upper]))).toEqual({
      data: 'directory',
      'data/x': 'x',
      elsewhere: 'directory',
    });
  });

  test('hides everything below when the root itself is opaque', () => {
    const upper = treeOf({ '.wh..wh..opq': file(''), new: file('2') });

    expect(show(applyLayers([lower, upper]))).toEqual({ new: '2' });
  });

  test('keeps what a hard link shares when the first name is removed', () => {
    const linked = treeOf({ a: file('1'), b: hardlink('a'), c: hardlink('a') });
    const upper = treeOf({ '.wh.a': file('') });

    expect(show(applyLayers([linked, upper]))).toEqual({ b: '1', c: 'hardlink b' });
  });

  test('makes a hard link to a hard link one to the file, whichever layers they are in', () => {
    const first = treeOf({ a: file('1'), b: hardlink('a') });
    const second = treeOf({ c: hardlink('b'), d: hardlink('e'), e: hardlink('b') });
    const third = treeOf({ '.wh.a': file(''), '.wh.b': file('') });

    expect(show(applyLayers([first, second]))).toMatchObject({
      c: 'hardlink a',
      d: 'hardlink a',
      e: 'hardlink a',
    });
    const rest = show(applyLayers([first, second, third]));
    expect(Object.values(rest).toSorted()).toEqual(['1', 'hardlink c', 'hardlink c']);
  });

  test('gives a second link for a hard link to a link', () => {
    const upper = treeOf({ a: symlink('x'), b: hardlink('a') });

    expect(show(applyLayers([upper]))).toEqual({ a: 'symlink x', b: 'symlink x' });
  });

  test('takes no longer for thousands of whiteouts than for one', () => {
    const paths = Array.from({ length: 20_000 }, (_, index) => `d${index % 100}/f${index}`);
    const many = treeOf(Object.fromEntries(paths.map((path) => [path, file('')])));
    const gone = paths.map((path) => [path.replace('/', '/.wh.'), file('')] as const);

    const begin = performance.now();
    expect(show(applyLayers([many, new Map(gone)]))).not.toHaveProperty('d1/f1');
    expect(performance.now() - begin).toBeLessThan(1500);
  });

  test.each(['.wh.', '.wh..', '.wh...'])('takes the name %s for no removal', (name) => {
    expect(show(applyLayers([lower, treeOf({ [`etc/${name}`]: file('') })]))).toEqual(show(lower));
  });
});
