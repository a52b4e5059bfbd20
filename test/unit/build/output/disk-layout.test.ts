import { describe, expect, it } from 'vitest';
import {
  clusterSectors,
  diskBytes,
  diskNames,
  DiskSizeError,
  GIB,
  gptScript,
  mbrScript,
  rootPartitions,
  MIB,
  partitionBytes,
  rootPartitionBytes,
} from '../../../../build/output/disk/disk-layout.ts';

describe('partitionBytes()', () => {
  it('is never less than FAT32 can be', () => {
    expect(partitionBytes([])).toBe(40 * MIB);
  });

  it('has room for what is in it, and is whole MiB', () => {
    const bytes = partitionBytes([100 * MIB, 1]);
    expect(bytes % MIB).toBe(0);
    expect(bytes).toBeGreaterThan(104 * MIB);
    expect(bytes).toBeLessThan(110 * MIB);
  });
});

it.each([40, 50, 260, 261, 2048, 8192, 8193, 40_000])(
  '%d MiB are FAT32 by their clusters',
  (mib) => {
    const bytes = clusterSectors(mib * MIB) * 512;
    // Beside each cluster, four bytes in either of two tables.
    const clusters = (mib * MIB - 32 * 512) / (bytes + 8);
    // fatgen103, "FAT Type Determination".
    expect(clusters).toBeGreaterThan(65_525);
    expect(clusters).toBeLessThan(2 ** 22);
  },
);

describe('diskBytes()', () => {
  it('is as small as can be', () => {
    expect(diskBytes(40 * MIB, undefined)).toEqual({ disk: 42 * MIB, partition: 40 * MIB });
  });

  it('is of the size that is wanted, and the partition fills it', () => {
    expect(diskBytes(40 * MIB, 100 * MIB)).toEqual({ disk: 100 * MIB, partition: 98 * MIB });
    expect(diskBytes(40 * MIB, undefined, GIB)).toEqual({ disk: GIB, partition: GIB - 2 * MIB });
    expect(diskBytes(40 * MIB, GIB + 1, GIB).disk).toBe(2 * GIB);
  });

  it('says what is needed when less is wanted', () => {
    expect(() => diskBytes(40 * MIB, 41 * MIB)).toThrow(
      new DiskSizeError('A disk of 41M is too small: this machine needs 42M'),
    );
    expect(diskBytes(40 * MIB, 42 * MIB).disk).toBe(42 * MIB);
  });
});

it('a disk has room for a root behind its first partition', () => {
  const root = rootPartitionBytes(5 * MIB + 1);
  expect(root).toBe(6 * MIB);
  expect(diskBytes(40 * MIB, undefined, MIB, root)).toEqual({
    disk: 48 * MIB,
    partition: 40 * MIB,
  });
  expect(diskBytes(40 * MIB, 100 * MIB, MIB, root).partition).toBe(92 * MIB);
  expect(() => diskBytes(40 * MIB, 47 * MIB, MIB, root)).toThrow('this machine needs 48M');
});

describe('diskNames()', () => {
  it('are those of the contents', () => {
    const names = diskNames(['a', 'b']);
    expect(names.uuid('disk')).toBe(diskNames(['a', 'b']).uuid('disk'));
    expect(names.uuid('disk')).not.toBe(names.uuid('partition'));
    expect(names.uuid('disk')).not.toBe(diskNames(['ab']).uuid('disk'));
    expect(names.volumeId).not.toBe(diskNames(['b', 'a']).volumeId);
  });

  it('have the form of a UUID that is random, and of a FAT volume', () => {
    const { uuid, volumeId } = diskNames([]);
    expect(uuid('disk')).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(volumeId).toMatch(/^[0-9a-f]{8}$/);
  });
});

it('scripts for sfdisk count in sectors', () => {
  const names = { uuid: (what: string) => `<${what}>`, volumeId: '12345678' };
  expect(gptScript(40 * MIB, names)).toBe(
    [
      'label: gpt',
      'label-id: <disk>',
      'start=2048, size=81920, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B, uuid=<partition>, name="boot"',
      '',
    ].join('\n'),
  );
  expect(mbrScript(40 * MIB, names)).toBe(
    'label: dos\nlabel-id: 0x12345678\nstart=2048, size=81920, type=0c, bootable\n',
  );
  expect(gptScript(40 * MIB, names, rootPartitions(6 * MIB - 5, undefined))).toContain(
    '\nstart=83968, size=12288, type=0FC63DAF-8483-4772-8E79-3D69D8477DE4, uuid=<root>, name="root"\n',
  );
  expect(mbrScript(40 * MIB, names, rootPartitions(6 * MIB - 5, undefined))).toContain(
    '\nstart=83968, size=12288, type=83\n',
  );
});

it('has room for two roots where there are to be updates', () => {
  expect(rootPartitions(undefined, {})).toEqual([]);
  expect(rootPartitions(6 * MIB, {})).toEqual([
    { name: 'root-a', bytes: 9 * MIB },
    { name: 'root-b', bytes: 9 * MIB },
  ]);
  const names = { uuid: (what: string) => `<${what}>`, volumeId: '12345678' };
  const script = gptScript(40 * MIB, names, rootPartitions(6 * MIB, { bytes: 10 * MIB }));
  expect(script).toContain('start=83968, size=20480, type=');
  expect(script).toContain('start=104448, size=20480, type=');
  expect(() => rootPartitions(6 * MIB, { bytes: 5 * MIB })).toThrow(
    '"slotSize" of 5M is too small: this image needs 6M',
  );
});
