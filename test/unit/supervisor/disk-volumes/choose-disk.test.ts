import { describe, expect, it } from 'vitest';
import {
  type BlockDevice,
  chooseDisk,
  type Contents,
  type Decision,
} from '../../../../supervisor/disk-volumes/choose-disk.ts';
import type { DiskWish } from '../../../../supervisor/disk-volumes/disk-wish.ts';

const MIB = 1_048_576;
const WISH: DiskWish = {
  name: 'data',
  choice: { by: 'firstBlank' },
  holds: 'ext4',
  format: 'ifBlank',
  fsck: true,
  grow: false,
  readonly: false,
  options: [],
  waitMs: 0,
};

const BLANK: Contents = { kind: 'blank' };
const UNKNOWN: Contents = { kind: 'unknown' };
const TABLE: Contents = { kind: 'table' };
const known = (type: string, label?: string, uuid?: string): Contents => ({
  kind: 'known',
  type,
  ...(label !== undefined && { label }),
  ...(uuid !== undefined && { uuid }),
});

function disk(node: string, contents: Contents, more: Partial<BlockDevice> = {}): BlockDevice {
  return { node, contents, sizeBytes: 64 * MIB, isReadOnly: false, ...more };
}

function part(
  node: string,
  parent: string,
  contents: Contents,
  partitionName?: string,
): BlockDevice {
  return disk(node, contents, { parent, ...(partitionName !== undefined && { partitionName }) });
}

/** Paths lead where their last part says. */
function choose(wish: Partial<DiskWish>, ...devices: readonly BlockDevice[]): Decision {
  return chooseDisk({ ...WISH, ...wish }, devices, (path) => path.split('/').at(-1));
}

const OWN = [disk('vda', TABLE), part('vda1', 'vda', known('ext4', 'data'))] as const;

describe('the first blank disk', () => {
  it('is the first of which nothing is known and that is all zeros', () => {
    const decision = choose(
      {},
      disk('vda', UNKNOWN),
      disk('vdb', known('ext4')),
      disk('vdc', BLANK),
    );
    expect(decision).toEqual({ tag: 'make-partition', disk: 'vdc' });
  });

  it('is none that comes before one with the label of the volume', () => {
    const [whole, partition] = OWN;
    expect(choose({}, disk('vd0', BLANK), whole, partition)).toEqual({ tag: 'use', node: 'vda1' });
  });

  it('is none while there is one on which its making was cut short', () => {
    const begun = [disk('vdb', TABLE), part('vdb1', 'vdb', UNKNOWN, 'ishmael-new-data')];
    expect(choose({}, disk('vda', BLANK), ...begun)).toEqual({
      tag: 'make',
      node: 'vdb1',
      disk: 'vdb',
    });
    const other = [disk('vdb', TABLE), part('vdb1', 'vdb', UNKNOWN, 'ishmael-new-other')];
    expect(choose({}, disk('vda', BLANK), ...other)).toMatchObject({ disk: 'vda' });
  });

  it('is not one that cannot be written to, and no partition', () => {
    const readOnly = disk('vda', BLANK, { isReadOnly: true });
    const free = [
      disk('vdb', TABLE),
      part('vdb1', 'vdb', BLANK),
      part('vdb2', 'vdb', known('xfs')),
    ];
    expect(choose({}, readOnly, ...free)).toEqual({
      tag: 'none',
      why: 'there is no disk that is blank, and none with the label "data"; there are: /dev/vda (64 MiB, blank), /dev/vdb (64 MiB, partitions), /dev/vdb1 (64 MiB, blank), /dev/vdb2 (64 MiB, xfs)',
      mayCome: true,
    });
  });

  it('is not taken when two have the label, or one with something else in it', () => {
    const [whole, partition] = OWN;
    const twice = [whole, partition, disk('vdb', known('ext4', 'data')), disk('vdc', BLANK)];
    expect(choose({}, ...twice)).toEqual({
      tag: 'none',
      why: 'there are 2 disks with the label "data": /dev/vda1 (64 MiB, ext4 "data"), /dev/vdb (64 MiB, ext4 "data")',
      mayCome: false,
    });
    const foreign = choose({}, disk('vda', known('xfs', 'data')), disk('vdb', BLANK));
    expect(foreign).toEqual({
      tag: 'none',
      why: '/dev/vda (64 MiB, xfs "data") is not what is asked for, which is ext4',
      mayCome: false,
    });
  });
});

describe('a disk by its label or UUID', () => {
  const byLabel = { choice: { by: 'label', label: 'x' }, format: 'never' } as const;

  it('is used, wherever it is', () => {
    expect(choose(byLabel, ...OWN, part('vdb7', 'vdb', known('ext4', 'x')))).toEqual({
      tag: 'use',
      node: 'vdb7',
    });
    const uuid = { by: 'uuid', uuid: 'ABCD-ef01' } as const;
    const fat = disk('sda', known('vfat', undefined, 'abcd-EF01'));
    expect(choose({ choice: uuid, holds: 'vfat' }, fat)).toEqual({ tag: 'use', node: 'sda' });
  });

  it('is never another one, however blank', () => {
    expect(choose(byLabel, disk('vda', BLANK))).toEqual({
      tag: 'none',
      why: 'there is no disk with the label "x"; there are: /dev/vda (64 MiB, blank)',
      mayCome: true,
    });
    expect(choose(byLabel)).toMatchObject({
      why: 'there is no disk with the label "x"; there is none at all',
    });
  });

  it('holds LUKS when it is to be encrypted, and nothing else', () => {
    const secret = { ...byLabel, encrypt: { from: 'tpm', pcrs: [7] } } as const;
    expect(choose(secret, disk('vda', known('crypto_LUKS', 'x')))).toMatchObject({ tag: 'use' });
    expect(choose(secret, disk('vda', known('ext4', 'x')))).toMatchObject({
      why: '/dev/vda (64 MiB, ext4 "x") is not what is asked for, which is crypto_LUKS',
    });
  });
});

describe('a disk by its path', () => {
  const byPath = (path: string, format: DiskWish['format'] = 'ifBlank'): Partial<DiskWish> => ({
    choice: { by: 'path', path },
    format,
  });

  it.each([
    ['a blank one', [disk('vda', BLANK)], { tag: 'make-partition', disk: 'vda' }],
    ['its file system', [disk('vda', known('ext4', 'other'))], { tag: 'use', node: 'vda' }],
    ['its one partition', [...OWN], { tag: 'use', node: 'vda1' }],
    [
      'one with a partition that is blank',
      [disk('vda', TABLE), part('vda1', 'vda', BLANK)],
      {
        tag: 'none',
        why: '/dev/vda has a partition, /dev/vda1 (64 MiB, blank), and is left alone',
      },
    ],
    [
      'one with several',
      [...OWN, part('vda2', 'vda', BLANK)],
      {
        why: '/dev/vda has several partitions: /dev/vda1 (64 MiB, ext4 "data"), /dev/vda2 (64 MiB, blank)',
      },
    ],
    [
      'an empty table',
      [disk('vda', TABLE)],
      { why: '/dev/vda has a partition table with nothing in it' },
    ],
    [
      'what nobody knows',
      [disk('vda', UNKNOWN)],
      {
        why: '/dev/vda has something on it that nobody here knows, and is left alone',
        mayCome: false,
      },
    ],
    ['one that is write-protected', [disk('vda', BLANK, { isReadOnly: true })], { tag: 'none' }],
    [
      'none',
      [disk('vdb', BLANK)],
      { why: 'there is no disk /dev/vda; there are: /dev/vdb (64 MiB, blank)' },
    ],
  ] as const)('as %s', (_, devices, expected) => {
    expect(choose(byPath('/dev/vda'), ...devices)).toMatchObject(expected);
  });

  it('may be a partition, and is made in place there', () => {
    const devices = [disk('vda', TABLE), part('vda2', 'vda', BLANK), part('vda1', 'vda', UNKNOWN)];
    expect(choose(byPath('/dev/vda2'), ...devices)).toEqual({ tag: 'make', node: 'vda2' });
    expect(choose(byPath('/dev/vda1'), ...devices)).toMatchObject({ tag: 'none' });
  });

  it('is not made where "never" is said', () => {
    expect(choose(byPath('/dev/vda', 'never'), disk('vda', BLANK))).toMatchObject({
      why: '/dev/vda is blank, and "format" is "never"',
    });
  });
});

describe('a disk by its size', () => {
  const bySize = (min: number, max = min): Partial<DiskWish> => ({
    choice: { by: 'size', min: min * MIB, max: max * MIB },
  });

  it('is the only one of that size, or the one with the label, or the first blank one', () => {
    const small = disk('vda', BLANK, { sizeBytes: 10 * MIB });
    const [first, second] = ['vdb', 'vdc'].map((node) =>
      disk(node, BLANK, { sizeBytes: 20 * MIB }),
    );
    if (first === undefined || second === undefined) throw new Error('two disks');
    expect(choose(bySize(20), small, first, second)).toEqual({
      tag: 'make-partition',
      disk: 'vdb',
    });
    const labelled = { ...second, contents: known('ext4', 'data') };
    expect(choose(bySize(20), small, first, labelled)).toEqual({ tag: 'use', node: 'vdc' });
    const named = { ...second, contents: known('ext4', 'else') };
    expect(choose(bySize(20), small, named)).toEqual({ tag: 'use', node: 'vdc' });
    expect(choose(bySize(15, 25), small, first)).toEqual({ tag: 'make-partition', disk: 'vdb' });
    expect(choose(bySize(30), small, first)).toMatchObject({ tag: 'none', mayCome: true });
  });

  it('is none with something on it', () => {
    const full = ['vda', 'vdb'].map((node) => disk(node, UNKNOWN));
    expect(choose(bySize(64), ...full)).toMatchObject({ tag: 'none' });
  });
});
