import { mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isZero, parseBlkid } from '../../../../supervisor/disk-volumes/look-at-disks.ts';

const MIB = 1_048_576;
const SIZE = 200 * MIB;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ishmael-blank-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A file of zeros but for this. */
async function diskWith(bytes: string, at: number, size = SIZE): Promise<string> {
  const path = join(folder, 'disk');
  await writeFile(path, '');
  await truncate(path, size);
  const file = await open(path, 'r+');
  await file.write(bytes, at);
  await file.close();
  return path;
}

describe('a disk that is all zeros', () => {
  it('is blank, however small', async () => {
    expect(isZero(await diskWith('', 0), SIZE)).toBe(true);
    expect(isZero(await diskWith('', 0, 4096), 4096)).toBe(true);
  });

  it.each([
    ['its first byte', 0],
    ['its first MiB', MIB - 1],
    ['the first 16 MiB', 16 * MIB - 1],
    ['its last byte', SIZE - 1],
    ['its last MiB', SIZE - MIB],
  ])('is not, with something in %s', async (_, at) => {
    expect(isZero(await diskWith('x', at), SIZE)).toBe(false);
  });

  it('is not, with something spread over it', async () => {
    const path = await diskWith('', 0);
    const file = await open(path, 'r+');
    for (let at = 20 * MIB; at < SIZE - 2 * MIB; at += 64 * 1024) await file.write('log', at);
    await file.close();
    expect(isZero(path, SIZE)).toBe(false);
  });
});

it('takes the words of blkid for what they are', () => {
  const text = `DEVNAME=/dev/vda
PTUUID=4d3a022d-c75a-4240-a687-9d57d164d98a
PTTYPE=gpt

DEVNAME=/dev/vda1
LABEL=a\\ b\\\\c
UUID=d44a010c-989b-4f87-a016-ee15594f8add
TYPE=ext4
USAGE=filesystem

DEVNAME=/dev/vda2
PART_ENTRY_NUMBER=2

DEVNAME=/dev/vdb
PTTYPE=dos
TYPE=vfat
`;
  expect([...parseBlkid(text)]).toEqual([
    ['/dev/vda', { kind: 'table' }],
    [
      '/dev/vda1',
      {
        kind: 'known',
        type: 'ext4',
        label: 'a b\\c',
        uuid: 'd44a010c-989b-4f87-a016-ee15594f8add',
      },
    ],
    ['/dev/vda2', undefined],
    ['/dev/vdb', { kind: 'known', type: 'vfat' }],
  ]);
  expect(parseBlkid('').size).toBe(0);
});
