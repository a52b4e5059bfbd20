import { describe, expect, it } from 'vitest';
import {
  memoryMiB,
  rootEntries,
  rootFilesTree,
  type SegmentFiles,
} from '../../../../build/output/initrd-files.ts';
import { isCounted, ROOT_FILES_PATH, summarise } from '../../../../supervisor/root-files.ts';

const MIB = 1_048_576;

describe('rootEntries()', () => {
  it('are those of all archives, the later over the earlier', () => {
    const first: SegmentFiles = [
      ['usr', -2],
      ['usr/a', 1],
      ['lib', -1],
    ];
    const second: SegmentFiles = [
      ['usr', -2],
      ['usr/a', 7],
      ['usr/b', 2],
    ];
    expect(rootEntries([first, second])).toEqual([
      ['usr/a', 7],
      ['lib', -1],
      ['usr/b', 2],
    ]);
  });

  it('a folder takes the place of a link', () => {
    const entries = rootEntries([
      [['lib', -1]],
      [
        ['lib', -2],
        ['lib/x', 3],
      ],
    ]);
    expect(entries).toEqual([['lib/x', 3]]);
  });

  it("leaves out what is the kernel's, what is mounted over, and the record itself", () => {
    const paths = ['dev/null', 'proc/x', 'kernel/x86/microcode/GenuineIntel.bin', 'run/x', 'tmp/x'];
    expect(rootEntries([[...paths, ROOT_FILES_PATH.slice(1)].map((path) => [path, 1])])).toEqual(
      [],
    );
  });
});

describe('summarise()', () => {
  it('does not depend on the order, but on every name and size', () => {
    const { digest } = summarise([
      ['a', 1],
      ['b', 2],
    ]);
    const digestOf = (...entries: SegmentFiles): string => summarise(entries).digest;
    expect(digestOf(['b', 2], ['a', 1])).toBe(digest);
    expect(digestOf(['a', 2], ['b', 1])).not.toBe(digest);
    expect(digestOf(['a', 1], ['c', 2])).not.toBe(digest);
    expect(digest).toMatch(/^[0-9a-f]{16}$/);
  });
});

describe('memoryMiB()', () => {
  it('is twice what is unpacked, which a tmpfs may be, and what the kernel needs', () => {
    expect(memoryMiB([['a', 100 * MIB]], 20 * MIB)).toBe(288);
  });

  it('counts whole pages', () => {
    const many: SegmentFiles = Array.from({ length: 25_600 }, (_, index) => [String(index), 1]);
    expect(memoryMiB(many, 0)).toBe(256);
  });

  it('has room for the initrd, which is in memory when that half is counted', () => {
    expect(memoryMiB([['a', 10 * MIB]], 300 * MIB)).toBe(384);
  });
});

it('rootFilesTree() has the folders of its file', () => {
  const files = { count: 1, bytes: 2, digest: '0', memoryMiB: 64 };
  expect([...rootFilesTree(files).keys()]).toEqual([
    'etc',
    'etc/ishmael',
    'etc/ishmael/root-files.json',
  ]);
});

it('does not count what the boot loader adds to the root', () => {
  const counted = ['init', 'usr/lib/x', '.extra/os-release', 'kernel/x86/microcode'];
  expect(counted.filter((path) => isCounted(path))).toEqual(['init', 'usr/lib/x']);
});
