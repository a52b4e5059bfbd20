import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import {
  checkRoot,
  rememberedProblem,
  rememberProblem,
  withoutUnits,
} from '../../../init/root-check.ts';
import { rootFiles, segmentFiles } from '../../../build/output/initrd-files.ts';
import type { Tree, TreeNode } from '../../../build/rootfs/tree.ts';
import type { Manifest } from '../../../supervisor/manifest.ts';
import { ROOT_FILES_PATH } from '../../../supervisor/root-files.ts';

const META = { mode: 0o755, uid: 0, gid: 0, mtime: 0 };
const file = (text: string): TreeNode => ({
  ...META,
  type: 'file',
  data: { kind: 'bytes', bytes: Buffer.from(text) },
});

const TREE: Tree = new Map([
  ['init', file('the program')],
  ['usr', { ...META, type: 'directory' }],
  ['usr/lib', { ...META, type: 'directory' }],
  ['usr/lib/libc.so.6', file('a library')],
  ['usr/lib/twin.so', { ...META, type: 'hardlink', target: 'usr/lib/libc.so.6' }],
  ['usr/lib/empty', file('')],
  ['lib', { ...META, type: 'symlink', target: 'usr/lib' }],
  ['dev', { ...META, type: 'directory' }],
  ['dev/console', { ...META, type: 'character-device', major: 5, minor: 1 }],
]);

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ishmael-root-'));
  for (const [path, text] of [
    ['init', 'the program'],
    ['usr/lib/libc.so.6', 'a library'],
    ['usr/lib/twin.so', 'a library'],
    ['usr/lib/empty', ''],
    // What is there besides, and does not count.
    ['dev/console', 'a device'],
    ['run/lock', 'of somebody'],
  ] as const) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  symlinkSync('usr/lib', join(root, 'lib'));
  mkdirSync(dirname(`${root}${ROOT_FILES_PATH}`), { recursive: true });
  writeFileSync(`${root}${ROOT_FILES_PATH}`, JSON.stringify(rootFiles([segmentFiles(TREE)], 1)));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('checkRoot()', () => {
  it('finds a whole root whole', () => {
    expect(checkRoot(root)).toBeUndefined();
  });

  it.each([
    ['a file is missing', () => rmSync(join(root, 'usr/lib/empty')), '4 of 5 files'],
    ['a link is missing', () => rmSync(join(root, 'lib')), '4 of 5 files'],
    ['a file is cut', () => truncateSync(join(root, 'usr/lib/twin.so'), 3), '5 of 5 files'],
    [
      'as many files have other names',
      () => {
        rmSync(join(root, 'usr/lib/empty'));
        writeFileSync(join(root, 'usr/lib/void'), '');
      },
      '5 of 5 files',
    ],
    ['all of a folder is missing', () => rmSync(join(root, 'usr'), { recursive: true }), '2 of 5'],
  ])('tells when %s', (_what, lose, numbers) => {
    lose();
    const problem = checkRoot(root);
    expect(problem).toContain(`the root is not whole: ${numbers}`);
    expect(problem).toMatch(/needs a machine with \d+ MiB of memory/);
  });

  it('says nothing of a root without a record', () => {
    rmSync(`${root}${ROOT_FILES_PATH}`);
    expect(checkRoot(root)).toBeUndefined();
  });

  it('is not content with a record that is cut', () => {
    truncateSync(`${root}${ROOT_FILES_PATH}`, 10);
    expect(checkRoot(root)).toContain('the root cannot be checked');
  });
});

test('a problem is remembered, and none is not', () => {
  const answer = join(root, 'run/answer');
  rememberProblem(undefined, answer);
  expect(rememberedProblem(answer)).toBeUndefined();
  rememberProblem('half of it', answer);
  expect(rememberedProblem(answer)).toBe('half of it');
});

test('withoutUnits() leaves what is not run: the name, the console, the receivers of logs', () => {
  const rest = { version: 1, name: 'edge', panicTimeout: 10 } as const;
  const task = { name: 'format' } as unknown as Manifest['onboot'][number];
  const manifest: Manifest = { ...rest, onboot: [task], services: [], onshutdown: [], volumes: [] };
  expect(withoutUnits(manifest)).toEqual({
    ...rest,
    onboot: [],
    services: [],
    onshutdown: [],
    volumes: [],
  });
});
