import { describe, expect, test } from 'vitest';
import { applyLayers } from '../../../../build/rootfs/whiteout.ts';
import { directory, file, show, symlink, treeOf } from './trees.ts';

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

  test.each(['.wh.', '.wh..', '.wh...'])('takes the name %s for no removal', (name) => {
    expect(show(applyLayers([lower, treeOf({ [`etc/${name}`]: file('') })]))).toEqual(show(lower));
  });
});
