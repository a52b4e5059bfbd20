/**
 * A card for a Raspberry Pi 4: an MBR, and one FAT32 partition with what the board's own firmware reads, the kernel, the initrd and
 * the device trees (Raspberry Pi documentation, "Boot folder contents" and "config.txt"). The boot loader in the board's EEPROM finds
 * the partition by its type; it reads no GPT before a certain age.
 */
import type { Tree } from '../../rootfs/tree.ts';
import { kernelFile, KernelImageError, type MachineParts } from '../machine-trees.ts';
import type { OutputContext } from '../output-context.ts';
import { type DiskRequest, partitioned, placeRoot } from './boot-disk.ts';
import { type BootFiles, diskBootFiles } from './boot-files.ts';
import { mbrScript } from './disk-layout.ts';
import { type FatFile, fillFat, makeFat } from './fat-partition.ts';
import { loaderFile } from './loader-file.ts';

export const RASPI_FIRMWARE = 'ishmael/raspi-firmware';

const FIRMWARE = 'usr/lib/raspi-firmware';
const COPYRIGHT = 'usr/share/doc/raspi-firmware/copyright';
const TREES = 'dtb/broadcom/';
/** The firmware takes the one that its board is called by: the Pi 4, the Pi 400, the Compute Module 4. */
const BOARD = /^bcm2711-rpi-[^/]+\.dtb$/u;

/** Rejects with `KernelImageError`, before anything is made, for a kernel without a device tree of the board. */
export async function writePiCard(
  parts: MachineParts,
  context: OutputContext,
  request: DiskRequest,
): Promise<void> {
  const trees = boardTrees(parts, await context.store.tree(parts.kernel));
  const boot = await diskBootFiles(parts, context);
  const files = [...(await firmwareFiles(context)), ...trees, ...kernelFiles(boot)];
  const place = await partitioned(boot, files, request, mbrScript);
  await makeFat(place, boot.names);
  await fillFat(place, files, context.scratch);
  await placeRoot(boot, place);
}

function boardTrees({ kernel }: MachineParts, tree: Tree): readonly FatFile[] {
  const names = [...tree.keys()]
    .filter((path) => path.startsWith(TREES))
    .map((path) => path.slice(TREES.length))
    .filter((name) => BOARD.test(name));
  if (names.length === 0) {
    throw new KernelImageError(
      `Cannot use ${kernel.reference} for rpi4: it has no ${TREES}bcm2711-rpi-4-b.dtb; ` +
        'ishmael/kernel-generic of arm64 has it',
    );
  }
  return names.map((path) => ({ path, contents: kernelFile(kernel, tree, `${TREES}${path}`) }));
}

async function firmwareFiles(context: OutputContext): Promise<readonly FatFile[]> {
  const file = (path: string): ReturnType<typeof loaderFile> =>
    loaderFile(context, RASPI_FIRMWARE, path);
  return [
    { path: 'start4.elf', contents: await file(`${FIRMWARE}/start4.elf`) },
    { path: 'fixup4.dat', contents: await file(`${FIRMWARE}/fixup4.dat`) },
    { path: 'LICENCE.broadcom', contents: await file(COPYRIGHT) },
  ];
}

function kernelFiles({ kernel, initrd, cmdline }: BootFiles): readonly FatFile[] {
  return [
    { path: 'config.txt', contents: PI_CONFIG },
    { path: 'cmdline.txt', contents: `${cmdline}\n` },
    { path: 'kernel.img', contents: kernel },
    { path: 'initrd.img', contents: initrd },
  ];
}

export const PI_CONFIG: string = [
  'arm_64bit=1',
  // The device trees are those of the kernel's own sources.
  'upstream_kernel=1',
  // The serial line on the pins is ttyS1 there.
  'enable_uart=1',
  'kernel=kernel.img',
  'initramfs initrd.img followkernel',
  '',
].join('\n');
