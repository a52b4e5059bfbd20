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
    'qemu-img',
    'sfdisk',
    'xorriso',
  ]);
  expect(components).toEqual(['ishmael/systemd-boot']);
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

test('a size is for those that have one', () => {
  expect(() => outputNeeds(['tar', 'raw-efi'], { arch: 'amd64', size: 1 })).not.toThrow();
});
