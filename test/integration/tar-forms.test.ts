/** Archives of the real GNU tar, in every form that it writes. */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  createReadStream,
  ftruncateSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readTar, writeTar } from '../../build/image/layer.ts';
import { readFileData } from '../../build/rootfs/file-data.ts';
import type { Tree } from '../../build/rootfs/tree.ts';
import { textFile } from '../support/test-images.ts';

const MEBIBYTE = 2 ** 20;
const HUGE = 9 * 2 ** 30;
const LONG = `${'d'.repeat(90)}/${'f'.repeat(90)}`;

let scratch: string;
let source: string;

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'ishmael-tar-forms-'));
  source = join(scratch, 'source');
  mkdirSync(join(source, 'd'.repeat(90)), { recursive: true });
  writeFileSync(join(source, LONG), 'long');
  writeFileSync(join(source, 'file'), 'contents');
  writeFileSync(join(source, 'Grüße'), 'umlaut');
  linkSync(join(source, 'file'), join(source, 'hard'));
  symlinkSync('file', join(source, 'soft'));
});
afterAll(() => rmSync(scratch, { recursive: true }));

/** A file with a few bytes at the start of some mebibytes, and holes between them. */
function sparseFile(name: string, size: number, ...mebibytes: readonly number[]): void {
  const file = openSync(join(source, name), 'w');
  for (const at of mebibytes) writeSync(file, Buffer.from(`at ${at}`), 0, null, at * MEBIBYTE);
  ftruncateSync(file, size);
  closeSync(file);
}

async function archived(names: readonly string[], ...options: readonly string[]): Promise<Tree> {
  const path = join(scratch, 'archive.tar');
  execFileSync('tar', ['-cf', path, ...options, '-C', source, ...names]);
  return readTar(createReadStream(path), join(scratch, 'archive.data'));
}

async function contents(tree: Tree, name: string): Promise<string | undefined> {
  const node = tree.get(name);
  return node?.type === 'file' ? Buffer.from(await readFileData(node.data)).toString() : undefined;
}

describe('readTar() of GNU tar', () => {
  test.each(['gnu', 'oldgnu', 'posix', 'ustar', 'v7'])('--format=%s', async (format) => {
    const names = ['file', 'hard', 'soft', 'Grüße', ...(format === 'v7' ? [] : ['d'.repeat(90)])];
    const tree = await archived(names, `--format=${format}`);
    expect(await contents(tree, 'file')).toBe('contents');
    expect(tree.get('hard')).toMatchObject({ type: 'hardlink', target: 'file' });
    expect(tree.get('soft')).toMatchObject({ type: 'symlink', target: 'file' });
    expect(await contents(tree, 'Grüße')).toBe('umlaut');
    if (format !== 'v7') expect(await contents(tree, LONG)).toBe('long');
  });

  test.each([
    ['--format=gnu'],
    ['--format=posix', '--sparse-version=0.0'],
    ['--format=posix', '--sparse-version=0.1'],
    ['--format=posix', '--sparse-version=1.0'],
  ])('a sparse file, %s %s', async (...options) => {
    // More fragments than an old header holds, and more than one block of its extension.
    const many = Array.from({ length: 40 }, (_, index) => index * 2 + 1);
    sparseFile('sparse', 100 * MEBIBYTE, ...many);
    const tree = await archived(['sparse', 'file'], '--sparse', ...options);
    const node = tree.get('sparse');
    if (node?.type !== 'file') throw new Error('no file');
    const bytes = Buffer.from(await readFileData(node.data));
    expect(bytes.equals(readFileSync(join(source, 'sparse')))).toBe(true);
    expect(await contents(tree, 'file')).toBe('contents');
    // Holes stay holes.
    expect(statSync(join(scratch, 'archive.data')).blocks * 512).toBeLessThan(MEBIBYTE);
  });

  test.each(['gnu', 'posix'])('a file of 9 GiB, --format=%s', async (format) => {
    sparseFile('huge', HUGE, 5, 9 * 1024 - 1);
    const tree = await archived(['huge', 'file'], '--sparse', `--format=${format}`);
    const node = tree.get('huge');
    if (node?.type !== 'file' || node.data.kind !== 'host-range') throw new Error('no file');
    expect(node.data.size).toBe(HUGE);
    const end = { ...node.data, offset: node.data.offset + (9 * 1024 - 1) * MEBIBYTE, size: 7 };
    expect(Buffer.from(await readFileData(end)).toString()).toBe('at 9215');
    expect(await contents(tree, 'file')).toBe('contents');
  });
});

test('GNU tar reads what writeTar() writes, attributes included', async () => {
  const path = join(scratch, 'ours.tar');
  const bytes = Buffer.from('0100000200200000000000000000000000ff80', 'hex');
  const xattrs = { 'security.capability': bytes.toString('base64') };
  const tree: Tree = new Map([
    ['a', { ...textFile('one'), xattrs }],
    [LONG, textFile('long')],
    ['Grüße', textFile('umlaut')],
  ]);
  await writeFile(path, writeTar(tree));
  const listed = execFileSync('tar', ['-tvvf', path, '--xattrs', '--xattrs-include=*'], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  });
  expect(listed).toContain(`x: ${bytes.length} security.capability`);
  expect(listed).toContain(LONG);
  expect(listed).toContain('Grüße');
  const again = await readTar(createReadStream(path), join(scratch, 'ours.data'));
  expect(again.get('a')?.xattrs).toEqual(xattrs);
});
