/** What we read of file systems, compared with what blkid reads, on those that their own tools have made. */
import { execFileSync } from 'node:child_process';
import {
  mkdtempSync,
  openSync,
  readSync,
  closeSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readSuperblock, SUPERBLOCK_BYTES } from '../../init/disk-links/superblock.ts';

const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
const UUID = '0a1b2c3d-4e5f-4a6b-8c7d-9e8f7a6b5c4d';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'superblocks-'));
  writeFileSync(join(folder, 'key'), 'a key');
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(command: string, args: readonly string[]): string {
  const options = { encoding: 'utf8', env: { ...process.env, PATH }, stdio: 'pipe' } as const;
  return execFileSync(command, args, options);
}

it.each([
  ['ext4', 'mkfs.ext4', ['-q', '-F', '-L', 'the data', '-U', UUID, '@']],
  ['XFS', 'mkfs.xfs', ['-q', '-f', '-L', 'big', '-m', `uuid=${UUID}`, '@']],
  ['Btrfs', 'mkfs.btrfs', ['-q', '-f', '-L', 'a longer label', '-U', UUID, '@']],
  ['swap', 'mkswap', ['-L', 'swapped', '-U', UUID, '@']],
  ['FAT32', 'mkfs.fat', ['-F', '32', '-n', 'BOOT', '-i', '0123abcd', '@']],
  ['FAT16 without a name', 'mkfs.fat', ['-F', '16', '@']],
  ['EROFS', 'mkfs.erofs', ['-U', UUID, '@', '@/..']],
  ['ISO 9660', 'xorriso', ['-as', 'mkisofs', '-quiet', '-V', 'CIDATA', '-o', '@', '@/..']],
  [
    'LUKS2',
    'cryptsetup',
    [
      'luksFormat',
      '-q',
      '--uuid',
      UUID,
      '--label',
      'secret',
      '--pbkdf',
      'pbkdf2',
      '--pbkdf-force-iterations',
      '1000',
      '@',
      'KEY',
    ],
  ],
  [
    'LUKS1',
    'cryptsetup',
    [
      'luksFormat',
      '-q',
      '--type',
      'luks1',
      '--uuid',
      UUID,
      '--pbkdf-force-iterations',
      '1000',
      '@',
      'KEY',
    ],
  ],
  ['nothing', 'true', []],
])('%s', (_, command, args) => {
  const image = join(folder, 'image');
  const contents = mkdtempSync(join(tmpdir(), 'contents-'));
  writeFileSync(image, '');
  truncateSync(image, 512 * 1024 * 1024);
  const words = args.map((word) =>
    word.replace('@/..', contents).replace('@', image).replace('KEY', join(folder, 'key')),
  );
  run(command, words);
  rmSync(contents, { recursive: true });
  expect(ours(image)).toEqual(blkid(image));
});

function ours(image: string): ReturnType<typeof readSuperblock> {
  const file = openSync(image, 'r');
  const head = Buffer.alloc(SUPERBLOCK_BYTES);
  readSync(file, head, 0, head.length, 0);
  closeSync(file);
  return readSuperblock(head);
}

function blkid(image: string): ReturnType<typeof readSuperblock> {
  let said: string;
  try {
    said = run('blkid', ['-p', '-o', 'export', image]);
  } catch {
    // Its way to say that there is nothing.
    return undefined;
  }
  const value = (name: string): string | undefined =>
    new RegExp(`^${name}=(.*)$`, 'm').exec(said)?.[1]?.replaceAll('\\ ', ' ');
  const [label, uuid] = [value('LABEL'), value('UUID')];
  return { ...(label !== undefined && { label }), ...(uuid !== undefined && { uuid }) };
}
