import { describe, expect, it } from 'vitest';
import type { BlockDevice } from '../../../../supervisor/disk-volumes/choose-disk.ts';
import type { DiskWish } from '../../../../supervisor/disk-volumes/disk-wish.ts';
import {
  type DiskWorld,
  prepareVolume,
} from '../../../../supervisor/disk-volumes/prepare-volume.ts';

const MIB = 1_048_576;
const DIRECTORY = '/containers/volumes/data/merged';
const WISH: DiskWish = {
  name: 'data',
  choice: { by: 'path', path: '/dev/vda' },
  holds: 'ext4',
  format: 'ifBlank',
  fsck: true,
  grow: false,
  readonly: false,
  options: ['noatime'],
  waitMs: 1000,
};
const BLANK: BlockDevice = {
  node: 'vda',
  sizeBytes: 64 * MIB,
  isReadOnly: false,
  contents: { kind: 'blank' },
};
const READY: BlockDevice = { ...BLANK, contents: { kind: 'known', type: 'ext4', label: 'data' } };

interface Story {
  readonly done: readonly string[];
  readonly said: readonly string[];
  readonly error?: Error;
}

/** What is done to the disks, one line each. @param looks what is there, each time somebody looks; the last stays */
async function prepare(
  wish: Partial<DiskWish>,
  looks: readonly (readonly BlockDevice[])[],
  world: Partial<DiskWorld> = {},
): Promise<Story> {
  const done: string[] = [];
  const said: string[] = [];
  let look = 0;
  const all: DiskWorld = {
    run: (file, args, { input } = {}) => {
      const given = input === undefined ? '' : ` < ${String(input).trim()}`;
      done.push(`${[file, ...args].join(' ')}${given}`);
      return Promise.resolve({ code: 0, stdout: '' });
    },
    look: () => Promise.resolve(looks[Math.min(look++, looks.length - 1)] ?? []),
    resolve: (path) => path.replace('/dev/', ''),
    exists: (path) => path === '/dev/vda1',
    freeBehind: () => undefined,
    sizeOf: () => 300 * MIB,
    isMounted: () => false,
    isSwap: () => false,
    own: (directory, { uid, gid, mode }) =>
      void done.push(`own ${directory} ${uid} ${gid} ${mode.toString(8)}`),
    readKey: () => Buffer.from('the key'),
    sync: () => void done.push('sync'),
    sleep: (ms) => (done.push(`sleep ${ms}`), Promise.resolve()),
    tell: (text) => void said.push(text),
    ...world,
  };
  try {
    await prepareVolume({ ...WISH, ...wish }, DIRECTORY, all);
    return { done, said };
  } catch (error) {
    return { done, said, error: error as Error };
  }
}

const MOUNT = `mount -t ext4 -o nosuid,nodev,rw,noatime`;

describe('preparing a volume', () => {
  it('makes a partition that says it is not finished, and what is in it, and only then says that it is', async () => {
    const { done } = await prepare({ owner: { uid: 5, gid: 6, mode: 0o700 } }, [[BLANK]]);
    expect(done).toEqual([
      'modprobe -bq ext4',
      'sfdisk --quiet --wipe never /dev/vda < label: gpt\ntype=linux, name="ishmael-new-data"',
      'mke2fs -q -F -t ext4 -L data /dev/vda1',
      `${MOUNT} /dev/vda1 ${DIRECTORY}`,
      `own ${DIRECTORY} 5 6 700`,
      'sync',
      'sfdisk --quiet --no-tell-kernel --part-label /dev/vda 1 data',
      'sync',
    ]);
  });

  it('checks and mounts what is there, and changes no owner', async () => {
    const owner = { uid: 5, gid: 6, mode: 0o700 };
    expect((await prepare({ owner }, [[READY]])).done).toEqual([
      'modprobe -bq ext4',
      'e2fsck -p /dev/vda',
      `${MOUNT} /dev/vda ${DIRECTORY}`,
    ]);
    expect((await prepare({ fsck: false, readonly: true }, [[READY]])).done).toEqual([
      'modprobe -bq ext4',
      `mount -t ext4 -o nosuid,nodev,ro,noatime /dev/vda ${DIRECTORY}`,
    ]);
  });

  it('lets partition and file system grow, in that order', async () => {
    const freeBehind = (): { number: number; sectors: number } => ({ number: 1, sectors: 8192 });
    const part = { ...READY, node: 'vda1', parent: 'vda' };
    const disk: BlockDevice = { ...BLANK, contents: { kind: 'table' } };
    const { done, said } = await prepare({ grow: true }, [[disk, part]], { freeBehind });
    expect(done.slice(1)).toEqual([
      'sfdisk --quiet --no-reread --no-tell-kernel -N 1 /dev/vda < , +',
      'partx --update --nr 1 /dev/vda',
      'e2fsck -p /dev/vda1',
      `${MOUNT} /dev/vda1 ${DIRECTORY}`,
      'resize2fs /dev/vda1',
    ]);
    expect(said[0]).toBe('/dev/vda1 grows by 4 MiB');
  });

  it.each([
    ['nvme0n1p3', '/dev/nvme0n1'],
    ['sdb12', '/dev/sdb'],
    ['mmcblk0p1', '/dev/mmcblk0'],
  ])('finds the disk of %s', async (node, disk) => {
    const freeBehind = (): { number: number; sectors: number } => ({ number: 1, sectors: 8192 });
    const part = { ...READY, node, parent: disk.slice(5) };
    const wish = { grow: true, choice: { by: 'path', path: `/dev/${node}` } } as const;
    const { done } = await prepare(wish, [[part]], { freeBehind });
    expect(done).toContain(`partx --update --nr 1 ${disk}`);
  });

  it.each([
    ['xfs', ['xfs_growfs -d DIRECTORY']],
    ['btrfs', ['btrfs filesystem resize max DIRECTORY']],
  ] as const)('grows %s when it is mounted', async (holds, expected) => {
    const ready: BlockDevice = { ...BLANK, contents: { kind: 'known', type: holds } };
    const { done } = await prepare({ holds, grow: true }, [[ready]]);
    expect(done.slice(2)).toEqual(expected.map((line) => line.replace('DIRECTORY', DIRECTORY)));
    expect((await prepare({ holds, grow: true, readonly: true }, [[ready]])).done).toHaveLength(2);
  });

  it('encrypts, with the key on standard input only', async () => {
    const encrypt = { from: 'file', path: '/etc/key' } as const;
    const { done } = await prepare({ encrypt }, [[BLANK]]);
    expect(done.slice(5)).toEqual([
      'cryptsetup luksFormat --batch-mode --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --label data --key-file - /dev/vda1 < the key',
      'cryptsetup open --type luks --disable-keyring --key-file - /dev/vda1 volume-data < the key',
      'mke2fs -q -F -t ext4 -L data /dev/mapper/volume-data',
      `${MOUNT} /dev/mapper/volume-data ${DIRECTORY}`,
      'sync',
      'sfdisk --quiet --no-tell-kernel --part-label /dev/vda 1 data',
      'sync',
    ]);
  });

  it('touches nothing where no key can be had', async () => {
    const { done, error } = await prepare({ encrypt: { from: 'tpm', pcrs: [7] } }, [[BLANK]]);
    expect(error?.message).toBe('there is no TPM, or no driver for it: no /dev/tpmrm0');
    expect(done).toEqual([]);
    const empty = { encrypt: { from: 'file', path: '/etc/key' } } as const;
    const story = await prepare(empty, [[BLANK]], { readKey: () => Buffer.alloc(0) });
    expect(story).toMatchObject({ done: [], error: { message: 'the key /etc/key is empty' } });
  });

  it('swaps, once', async () => {
    const ready: BlockDevice = { ...BLANK, contents: { kind: 'known', type: 'swap' } };
    expect((await prepare({ holds: 'swap' }, [[ready]])).done).toEqual(['swapon /dev/vda']);
    expect((await prepare({ holds: 'swap' }, [[ready]], { isSwap: () => true })).done).toEqual([]);
  });

  it('does nothing a second time', async () => {
    expect((await prepare({}, [[BLANK]], { isMounted: () => true })).done).toEqual([]);
  });
});

describe('waiting for a disk', () => {
  it('takes one that comes late, and gives up on one that does not', async () => {
    const { done, error } = await prepare({}, [[], [READY]]);
    expect(error).toBeUndefined();
    expect(done.slice(1, 3)).toEqual(['sleep 500', 'e2fsck -p /dev/vda']);
    const late = await prepare({}, [[]]);
    expect(late.error?.message).toBe('there is no disk /dev/vda; there is none at all');
    expect(late.done.slice(1)).toEqual(['sleep 500', 'sleep 500']);
  });

  it('does not wait where waiting changes nothing', async () => {
    const { done, error } = await prepare({}, [[{ ...BLANK, contents: { kind: 'unknown' } }]]);
    expect(error?.message).toContain('is left alone');
    expect(done).toEqual(['modprobe -bq ext4']);
  });

  it('makes nothing on the first blank disk before all have had time to appear', async () => {
    const firstBlank = { choice: { by: 'firstBlank' } } as const;
    const other: BlockDevice = { ...READY, node: 'vdb' };
    const { done } = await prepare(firstBlank, [[BLANK], [BLANK], [BLANK, other]]);
    expect(done.slice(1, 4)).toEqual(['sleep 500', 'sleep 500', 'e2fsck -p /dev/vdb']);
    const alone = await prepare(firstBlank, [[BLANK]]);
    expect(alone.done.slice(1, 6).map((line) => line.split(' ')[0])).toEqual([
      'sleep',
      'sleep',
      'sleep',
      'sleep',
      'sfdisk',
    ]);
  });
});
