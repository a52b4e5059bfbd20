import { expect, test } from 'vitest';

import { type CompiledFiles, compileFiles } from '../../../../build/config/compile-files.ts';
import type { FileData, Tree, TreeNode } from '../../../../build/rootfs/tree.ts';
import { validConfig } from './fixtures.ts';

const MTIME = 1000;
const ROOT_META = { mode: 0o751, uid: 1, gid: 2, mtime: 5 };
const HOST_FILE: FileData = { kind: 'host-file', path: '/home/me/key', size: 3 };

const ROOT: Tree = new Map<string, TreeNode>([
  ['etc', { ...ROOT_META, type: 'directory' }],
  ['etc/hosts', { ...ROOT_META, type: 'file', data: bytes('old') }],
  ['usr', { ...ROOT_META, type: 'directory' }],
  ['usr/lib', { ...ROOT_META, type: 'directory' }],
  ['lib', { ...ROOT_META, type: 'symlink', target: 'usr/lib' }],
  ['loop', { ...ROOT_META, type: 'symlink', target: 'loop' }],
]);

function bytes(text: string): FileData {
  return { kind: 'bytes', bytes: new TextEncoder().encode(text) };
}

/** Compiles a list of flow-style entries; the first stands in line 3, its keys from column 6. */
async function compile(...files: readonly string[]): Promise<CompiledFiles> {
  const text = `kernel: {image: k}\nfiles:\n${files.map((file) => `  - {${file}}\n`).join('')}`;
  const { config, places } = validConfig(text);
  return compileFiles(config, places, {
    root: ROOT,
    yaml: text,
    mtime: MTIME,
    readSource: async (path) => {
      if (path === '/secret') throw new Error('EACCES');
      return path === '~/key' ? HOST_FILE : undefined;
    },
  });
}

async function problems(...files: readonly string[]): Promise<readonly string[]> {
  const { diagnostics } = await compile(...files);
  return diagnostics.map(({ line, col, code }) => `${line}:${col} ${code}`);
}

test('compileFiles() makes parents as 0755 root and leaves existing ones alone', async () => {
  const { tree, diagnostics } = await compile('path: etc/a/b, contents: hi, uid: 7, gid: 8');
  expect(diagnostics).toEqual([]);
  expect([...tree]).toEqual([
    ['etc/a', { type: 'directory', mode: 0o755, uid: 0, gid: 0, mtime: MTIME }],
    ['etc/a/b', { type: 'file', mode: 0o600, uid: 7, gid: 8, mtime: MTIME, data: bytes('hi') }],
  ]);
});

test('compileFiles() makes every kind of entry', async () => {
  const { tree } = await compile(
    'path: d, directory: true',
    'path: l, symlink: /run/x',
    'path: s, source: ~/key, mode: "0400"',
    'path: o, source: /nowhere, optional: true',
    'path: y, metadata: yaml',
  );
  expect([...tree.keys()]).toEqual(['d', 'l', 's', 'y']);
  expect(tree.get('d')).toMatchObject({ type: 'directory', mode: 0o700 });
  expect(tree.get('l')).toMatchObject({ type: 'symlink', mode: 0o777, target: '/run/x' });
  expect(tree.get('s')).toMatchObject({ type: 'file', mode: 0o400, data: HOST_FILE });
  const yaml = tree.get('y');
  const data = yaml?.type === 'file' && yaml.data.kind === 'bytes' ? yaml.data.bytes : undefined;
  expect(new TextDecoder().decode(data)).toContain('metadata: yaml');
});

test('compileFiles() writes through links among the directories of the root', async () => {
  const { tree } = await compile('path: /lib/modules/x, contents: hi');
  expect([...tree.keys()]).toEqual(['usr/lib/modules', 'usr/lib/modules/x']);
});

test('compileFiles() lets a later entry replace an earlier one and a file of the root', async () => {
  const { tree } = await compile('path: etc/hosts, contents: a', 'path: etc/hosts, contents: b');
  expect(tree.get('etc/hosts')).toMatchObject({ data: bytes('b') });
  expect(ROOT.get('etc/hosts')).toMatchObject({ data: bytes('old') });
});

test('compileFiles() gives a file to a container by its name', async () => {
  const { config, places } = validConfig(
    'kernel: {image: k}\nservices: [{name: a, image: i}]\nfiles: [{path: f, contents: "", uid: a}]',
  );
  const context = { root: new Map(), yaml: '', mtime: 0, readSource: async () => undefined };
  const { tree } = await compileFiles(config, places, context);
  expect(tree.get('f')).toMatchObject({ uid: 100, gid: 0 });
});

test('compileFiles() places what it cannot make', async () => {
  expect(
    await problems(
      'path: a, source: /nowhere',
      'path: b, source: /secret, optional: true',
      'path: etc/hosts/x, contents: ""',
      'path: etc, contents: ""',
      'path: etc/hosts, directory: true',
      'path: loop/x, contents: ""',
      'path: c, contents: ""',
      'path: c/d, contents: ""',
    ),
  ).toEqual([
    '3:23 missing-source',
    '4:23 missing-source',
    '5:12 path-conflict',
    '6:12 path-conflict',
    '7:12 path-conflict',
    '8:12 path-conflict',
    '10:12 path-conflict',
  ]);
});

test('compileFiles() may set mode and owner of an existing directory that is named', async () => {
  const { tree } = await compile('path: etc, directory: true, mode: "0750"');
  expect([...tree]).toEqual([
    ['etc', { type: 'directory', mode: 0o750, uid: 0, gid: 0, mtime: MTIME }],
  ]);
});

test('compileFiles() keeps the hash of a password out of the copy of the YAML', async () => {
  const { config, places } = validConfig('kernel: {image: k}\nfiles: [{path: y, metadata: yaml}]');
  const { tree } = await compileFiles(config, places, {
    root: new Map(),
    yaml: 'console: {password: "$scrypt$ln=13,r=8,p=10$c2FsdA$aGFzaA/+"}\nnext: 1',
    mtime: MTIME,
    readSource: async () => undefined,
  });
  const copy = tree.get('y');
  const data = copy?.type === 'file' && copy.data.kind === 'bytes' ? copy.data.bytes : undefined;
  expect(new TextDecoder().decode(data)).toBe('console: {password: "$scrypt$redacted"}\nnext: 1');
});
