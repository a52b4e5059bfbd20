import { expect, test } from 'vitest';
import { OutputError, outputNeeds } from '../../../../build/output/write-outputs.ts';

const AMD64 = { arch: 'amd64', size: undefined } as const;

test('what needs no tools asks for none', () => {
  expect(outputNeeds(['kernel+initrd', 'tar', 'docker'], AMD64)).toEqual({
    tools: [],
    components: [],
  });
});

test('each tool and each boot loader is asked for once', () => {
  const { tools, components } = outputNeeds(['raw-efi', 'qcow2-efi', 'iso-efi'], AMD64);
  expect(tools.map(({ command }) => command).sort()).toEqual([
    'mcopy',
    'mkfs.fat',
    'objcopy',
    'qemu-img',
    'sfdisk',
    'xorriso',
  ]);
  expect(components).toEqual(['ishmael/systemd-boot']);
});

test('a root in a partition, its hashes and signatures have tools of their own', () => {
  const root = { filesystem: 'erofs', verity: true } as const;
  const sign = { key: 'k', cert: 'c' };
  const { tools, components } = outputNeeds(['raw-efi'], { ...AMD64, root, sign });
  expect(tools.map(({ command }) => command).sort()).toEqual([
    'fakeroot',
    'mcopy',
    'mkfs.erofs',
    'mkfs.fat',
    'objcopy',
    'osslsigncode',
    'sfdisk',
    'veritysetup',
  ]);
  expect(components).toEqual(['ishmael/systemd-boot', 'ishmael/initrd']);
  const archive = outputNeeds(['tar'], { ...AMD64, root, sign });
  expect(archive).toEqual({ tools: [], components: [] });
});

test.each([
  ['kernel+initrd', 'its root is the initrd'],
  ['iso-efi', 'its root is the initrd'],
  ['kernel+iso', 'only erofs and squashfs have hashes'],
] as const)('%s cannot be verified', (format, why) => {
  const root = { filesystem: 'erofs', verity: true } as const;
  expect(() => outputNeeds([format], { ...AMD64, root })).toThrow(why);
  expect(() => outputNeeds([format], { ...AMD64, root: { ...root, verity: false } })).not.toThrow();
});

test.each([
  [['vhd', 'dynamic-vhd'], AMD64, 'write the same file'],
  [['kernel+iso', 'iso-bios'], AMD64, 'write the same file'],
  [['raw-bios'], { arch: 'arm64', size: undefined }, 'raw-bios is not for arm64'],
  [['tar'], { arch: 'amd64', size: 1_000_000 }, 'No size can be asked for of tar'],
] as const)('%j cannot be', (formats, options, message) => {
  expect(() => outputNeeds(formats, options)).toThrow(OutputError);
  expect(() => outputNeeds(formats, options)).toThrow(message);
});

test('updates are for what counts the tries of a boot, and change nothing where there is no disk', () => {
  const updates = { ...AMD64, updates: true };
  expect(() => outputNeeds(['raw-efi', 'kernel+initrd', 'iso-bios'], updates)).not.toThrow();
  expect(() => outputNeeds(['raw-bios'], updates)).toThrow('only UEFI counts the tries');
});

test('an ext4 root is made by e2fsprogs alone', () => {
  const root = { filesystem: 'ext4', verity: false } as const;
  const { tools } = outputNeeds(['raw-bios'], { ...AMD64, root });
  expect(tools.map(({ command }) => command)).toEqual(
    expect.arrayContaining(['mke2fs', 'debugfs', 'e2fsck']),
  );
  expect(tools.map(({ command }) => command)).not.toContain('fakeroot');
});

test('a card for a board is for its architecture, and has firmware of its own', () => {
  const { tools, components } = outputNeeds(['rpi4'], { arch: 'arm64', size: 1 });
  expect(tools.map(({ command }) => command).sort()).toEqual(['mcopy', 'mkfs.fat', 'sfdisk']);
  expect(components).toEqual(['ishmael/raspi-firmware']);
  expect(() => outputNeeds(['rpi4'], AMD64)).toThrow('rpi4 is for arm64 only');
  const updates = { arch: 'arm64', size: undefined, updates: true } as const;
  expect(() => outputNeeds(['rpi4'], updates)).toThrow('only UEFI counts the tries');
});

test('a size is for those that have one', () => {
  expect(() => outputNeeds(['tar', 'raw-efi'], { arch: 'amd64', size: 1 })).not.toThrow();
});
