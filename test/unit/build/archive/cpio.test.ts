import { execFileSync } from 'node:child_process';
import { lstatSync, mkdtempSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CpioError, encodeCpio } from '../../../../build/archive/cpio.ts';
import { fileDataSize, streamFileData } from '../../../../build/rootfs/file-data.ts';
import type { Tree, TreeNode } from '../../../../build/rootfs/tree.ts';

const FILES = { read: streamFileData, size: fileDataSize };
const META = { mode: 0o755, uid: 0, gid: 0, mtime: 1_700_000_000 };

const file = (text: string, mode = 0o644): TreeNode => ({
  ...META,
  mode,
  type: 'file',
  data: { kind: 'bytes', bytes: Buffer.from(text) },
});

const TREE: Tree = new Map<string, TreeNode>([
  ['', { ...META, type: 'directory' }],
  ['zeta', file('last')],
  ['bin', { ...META, type: 'directory' }],
  ['bin/sh', file('#!', 0o4755)],
  ['alias', { ...META, type: 'hardlink', target: 'zeta' }],
  ['lib', { ...META, mode: 0o777, type: 'symlink', target: 'usr/lib' }],
  ['empty', file('')],
]);

async function archive(tree: Tree): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of encodeCpio(tree, FILES)) pieces.push(piece);
  return Buffer.concat(pieces);
}

it('encodeCpio() writes the header of a file as the format says', async () => {
  const tree: Tree = new Map([
    ['a', { ...META, mode: 0o640, uid: 5, gid: 6, type: 'file', data: bytesOf('hello') }],
  ]);
  const [ino, mode, uid, gid, nlink] = ['00000001', '000081a0', '00000005', '00000006', '00000001'];
  const [mtime, size, zero, nameSize] = ['6553f100', '00000005', '00000000', '00000002'];
  const header = `070701${ino}${mode}${uid}${gid}${nlink}${mtime}${size}`;
  const text = `${header}${zero.repeat(4)}${nameSize}${zero}a\0hello\0\0\0`;
  expect((await archive(tree)).toString('latin1').startsWith(text)).toBe(true);
});

function bytesOf(text: string): { kind: 'bytes'; bytes: Uint8Array } {
  return { kind: 'bytes', bytes: Buffer.from(text) };
}

it('encodeCpio() writes the same bytes whatever the order of the map', async () => {
  const shuffled: Tree = new Map([...TREE].toReversed());
  expect((await archive(shuffled)).equals(await archive(TREE))).toBe(true);
});

it('encodeCpio() writes what cpio(1) unpacks to the same tree', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'cpio-'));
  try {
    execFileSync('cpio', ['-i', '--quiet', '-d', '-m'], {
      cwd: directory,
      input: await archive(TREE),
    });
    const at = (path: string): string => join(directory, path);
    expect(readFileSync(at('zeta'), 'utf8')).toBe('last');
    expect(readFileSync(at('alias'), 'utf8')).toBe('last');
    expect(lstatSync(at('alias')).ino).toBe(lstatSync(at('zeta')).ino);
    expect(lstatSync(at('bin/sh')).mode & 0o7777).toBe(0o4755);
    expect(lstatSync(at('bin/sh')).mtimeMs).toBe(META.mtime * 1000);
    expect(readlinkSync(at('lib'))).toBe('usr/lib');
    expect(lstatSync(at('empty')).size).toBe(0);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

it('encodeCpio() refuses a hard link to nothing by name', async () => {
  const tree: Tree = new Map([['x', { ...META, type: 'hardlink', target: 'gone' }]]);
  await expect(archive(tree)).rejects.toThrow(CpioError);
});

it('encodeCpio() reads a large file in pieces, and one that newc cannot hold not at all', async () => {
  const zeros = (size: number): TreeNode => ({
    ...META,
    type: 'file',
    data: { kind: 'host-range', path: '/dev/zero', offset: 0, size },
  });
  let [largest, sum] = [0, 0];
  for await (const piece of encodeCpio(new Map([['big', zeros(2 ** 26)]]), FILES)) {
    largest = Math.max(largest, piece.length);
    sum += piece.length;
  }
  expect([largest <= 2 ** 20, sum > 2 ** 26]).toEqual([true, true]);
  await expect(archive(new Map([['huge', zeros(2 ** 32)]]))).rejects.toThrow(CpioError);
});
