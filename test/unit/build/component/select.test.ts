import { describe, expect, test } from 'vitest';
import { addFiles, RecipeError, selectTree } from '../../../../build/component/select.ts';
import { directory, file, show, treeOf } from '../rootfs/trees.ts';

const packages = treeOf({
  lib: directory(),
  'lib/x.so.1': { ...file('x'), uid: 7, mtime: 99, mode: 0o4711 },
  usr: directory(),
  'usr/bin': directory(0o700),
  'usr/bin/tool': file('tool'),
  'usr/share/doc/tool': file('doc'),
  'etc/conf': { ...file('conf'), mode: 0o600 },
  'dev/null': { ...file(''), type: 'character-device', major: 1, minor: 3 },
});

function select(...keep: readonly string[]) {
  return selectTree({ name: 'test', keep }, packages);
}

describe('selectTree()', () => {
  test('keeps what a glob names, in the merged-/usr layout, and nothing else', () => {
    expect(show(select('usr/bin/*', 'usr/lib/x.so*', 'etc/**'))).toEqual({
      etc: 'directory',
      'etc/conf': 'conf',
      usr: 'directory',
      'usr/bin': 'directory',
      'usr/bin/tool': 'tool',
      'usr/lib': 'directory',
      'usr/lib/x.so.1': 'x',
    });
  });

  test('normalises owners, times and modes, and drops setuid bits', () => {
    const tree = select('usr/lib/x.so*', 'etc/conf');
    expect(tree.get('usr/lib/x.so.1')).toMatchObject({ uid: 0, gid: 0, mtime: 0, mode: 0o755 });
    expect(tree.get('etc/conf')).toMatchObject({ mode: 0o644 });
  });

  test('rejects a glob that matches nothing', () => {
    expect(() => select('usr/bin/*', 'usr/lib/gone.so')).toThrow(RecipeError);
    expect(() => select('usr/lib/gone.so')).toThrow(/gone\.so/u);
  });
});

describe('addFiles()', () => {
  test('adds files and folders, and the links of merged /usr for the folders that exist', () => {
    const tree = addFiles(
      select('usr/bin/tool'),
      {
        add: [
          { type: 'directory', path: 'tmp', mode: 0o1777 },
          { type: 'symlink', path: 'bin/t', target: 'tool' },
          { type: 'file', path: '/conf', source: 'conf.txt', mode: 0o600 },
        ],
      },
      new Map([['conf.txt', { kind: 'bytes', bytes: Buffer.from('c') }]]),
    );
    expect(show(tree)).toEqual({
      bin: 'symlink usr/bin',
      conf: 'c',
      tmp: 'directory',
      usr: 'directory',
      'usr/bin': 'directory',
      'usr/bin/t': 'symlink tool',
      'usr/bin/tool': 'tool',
    });
    expect(tree.get('tmp')?.mode).toBe(0o1777);
  });

  test('leaves folders apart where others unpack theirs over them, and links the loader', () => {
    const loader = select('usr/bin/tool').get('usr/bin/tool');
    if (loader === undefined) throw new Error('There is no tool');
    const tree = addFiles(
      new Map([
        ['usr/lib64/ld-linux-x86-64.so.2', loader],
        ['usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2', loader],
      ]),
      { splitUsr: true, add: [{ type: 'symlink', path: 'sbin/init', target: '/init' }] },
      new Map(),
    );
    expect(show(tree)).toEqual({
      lib64: 'directory',
      'lib64/ld-linux-x86-64.so.2': 'symlink /usr/lib64/ld-linux-x86-64.so.2',
      sbin: 'directory',
      'sbin/init': 'symlink /init',
      'usr/lib64/ld-linux-x86-64.so.2': 'tool',
      'usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2': 'tool',
    });
  });

  test('rejects a file that is not beside the recipe', () => {
    const addition = { type: 'file', path: 'x', source: 'missing' } as const;
    expect(() => addFiles(new Map(), { add: [addition] }, new Map())).toThrow(RecipeError);
  });
});
