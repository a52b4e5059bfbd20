/** Disks that firmware boots: a partition table, and one FAT32 partition with a boot loader, the kernel and the initrd. */
import { open, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArchName } from '../../arch.ts';
import { runCommand } from '../../host-command.ts';
import type { HostTool } from '../../host-tools.ts';
import { bootFileName } from '../../../supervisor/update/slots.ts';
import { readFileData, streamFileData } from '../../rootfs/file-data.ts';
import type { OutputContext } from '../output-context.ts';
import { type BootFiles, hostFile } from './boot-files.ts';
import {
  diskBytes,
  gptScript,
  mbrScript,
  MIB,
  PARTITION_START,
  partitionBytes,
  rootPartitions,
  slotBytes,
} from './disk-layout.ts';
import {
  FAT_TOOLS,
  type FatFile,
  fatFileBytes,
  type FatPlace,
  fillFat,
  makeFat,
  SOURCE_DATE_EPOCH,
} from './fat-partition.ts';
import { loaderFile } from './loader-file.ts';
import { signEfi, writeUki } from './uki.ts';

/** For a disk whose firmware needs nothing more. */
export const DISK_TOOLS: readonly HostTool[] = [
  { command: 'sfdisk', package: 'fdisk', why: 'partition a disk' },
  ...FAT_TOOLS,
];
export const BIOS_DISK_TOOLS: readonly HostTool[] = [
  ...DISK_TOOLS,
  { command: 'syslinux', package: 'syslinux', why: 'make a disk that a BIOS boots' },
];

export const SYSTEMD_BOOT = 'ishmael/systemd-boot';
export const SYSLINUX = 'ishmael/syslinux';

/** What the firmware looks for on a medium that it was not told about (UEFI 2.10, 3.5.1.1). */
export const EFI_NAMES: Record<ArchName, EfiNames> = {
  amd64: { boot: 'BOOTX64.EFI', loader: 'systemd-bootx64.efi', stub: 'linuxx64.efi.stub' },
  arm64: { boot: 'BOOTAA64.EFI', loader: 'systemd-bootaa64.efi', stub: 'linuxaa64.efi.stub' },
};

/** Where the boot manager looks for kernels by itself. */
export const UKI_PATH = 'EFI/Linux/ishmael.efi';
/** The same of a disk that has room for another: the first of them. */
export const FIRST_SLOT_PATH: string = `EFI/Linux/${bootFileName({ image: 1 })}`;

export interface EfiNames {
  readonly boot: string;
  readonly loader: string;
  readonly stub: string;
}

export interface DiskRequest {
  /** Where to write it. */
  readonly path: string;
  /** As small as can be when left out. */
  readonly bytes?: number;
  /** What its size is a multiple of. */
  readonly multiple?: number;
}

/** The files of an EFI system partition: a boot manager, and a unified kernel image (the Boot Loader Specification's type 2). */
export async function efiFiles(
  boot: BootFiles,
  context: OutputContext,
): Promise<readonly FatFile[]> {
  const { scratch, sign } = context;
  const arch = context.store.architecture === 'arm64' ? 'arm64' : 'amd64';
  const names = EFI_NAMES[arch];
  const manager = await hostCopy(context, names.loader);
  const uki = await writeUki({
    arch,
    stub: await hostCopy(context, names.stub),
    kernel: boot.kernel.path,
    initrd: boot.initrd.path,
    cmdline: boot.cmdline,
    title: context.name,
    scratch,
  });
  if (sign !== undefined) for (const program of [manager, uki]) await signEfi(program, sign);
  return [
    { path: `EFI/BOOT/${names.boot}`, contents: await hostFile(manager) },
    { path: 'loader/loader.conf', contents: 'timeout 0\n' },
    { path: boot.slots === undefined ? UKI_PATH : FIRST_SLOT_PATH, contents: await hostFile(uki) },
  ];
}

async function hostCopy(context: OutputContext, name: string): Promise<string> {
  const path = join(context.scratch, name);
  const data = await loaderFile(context, SYSTEMD_BOOT, `usr/lib/systemd/boot/efi/${name}`);
  await writeFile(path, streamFileData(data));
  return path;
}

export async function writeEfiDisk(
  boot: BootFiles,
  context: OutputContext,
  request: DiskRequest,
): Promise<void> {
  const files = await efiFiles(boot, context);
  const place = await partitioned(boot, files, request, gptScript);
  await makeFat(place, boot.names);
  await fillFat(place, files, context.scratch);
  await placeRoot(boot, place);
}

export async function writeBiosDisk(
  boot: BootFiles,
  context: OutputContext,
  request: DiskRequest,
): Promise<void> {
  const files: FatFile[] = [
    { path: 'syslinux.cfg', contents: syslinuxConfig(boot.cmdline) },
    { path: 'kernel', contents: boot.kernel },
    { path: 'initrd.img', contents: boot.initrd },
  ];
  const place = await partitioned(boot, files, request, mbrScript);
  await makeFat(place, boot.names);
  // It writes ldlinux.sys and ldlinux.c32 into the file system, by mtools.
  await runCommand('syslinux', ['--install', '--offset', String(place.offset), place.image], {
    env: { SOURCE_DATE_EPOCH, TZ: 'UTC' },
  });
  await fillFat(place, files, context.scratch);
  await placeRoot(boot, place);
  const mbr = await loaderFile(context, SYSLINUX, 'usr/lib/syslinux/mbr/mbr.bin');
  await writeAt(request.path, await readFileData(mbr), 0);
}

/** An empty disk with its table, and where the partition is. Rejects with `DiskSizeError`. */
export async function partitioned(
  { names, root: image, slots }: BootFiles,
  files: readonly FatFile[],
  { path, bytes, multiple }: DiskRequest,
  script: typeof gptScript,
): Promise<FatPlace> {
  const sizes = files.map(fatFileBytes);
  // The largest is the kernel's image. With slots there is room for any two that fit into one.
  const largest = Math.max(...sizes);
  const more = slots === undefined ? [] : [slotBytes(largest, slots.bytes) * 2 - largest];
  const needed = partitionBytes([...sizes, ...more]);
  const roots = rootPartitions(image?.bytes, slots);
  const behind = roots.reduce((sum, root) => sum + root.bytes, 0);
  const { disk, partition } = diskBytes(needed, bytes, multiple, behind);
  await rm(path, { force: true });
  await writeFile(path, '');
  await truncate(path, disk);
  await runCommand('sfdisk', ['--quiet', '--no-reread', '--no-tell-kernel', path], {
    stdin: script(partition, names, roots),
  });
  return { image: path, offset: PARTITION_START, bytes: partition };
}

/** Behind the boot partition. Holes stay holes. */
export async function placeRoot(
  { root }: BootFiles,
  { image, offset, bytes }: FatPlace,
): Promise<void> {
  if (root === undefined) return;
  const words = [`if=${root.path}`, `of=${image}`, 'bs=1M', `seek=${(offset + bytes) / MIB}`];
  await runCommand('dd', [...words, 'conv=notrunc,sparse', 'status=none']);
}

/** A file system of just the size that it needs, in a file of its own, for a disc. */
export async function writeEfiPartition(boot: BootFiles, context: OutputContext): Promise<string> {
  const files = await efiFiles(boot, context);
  const image = join(context.scratch, 'efi.img');
  const bytes = partitionBytes(files.map(fatFileBytes));
  await rm(image, { force: true });
  await writeFile(image, '');
  await truncate(image, bytes);
  const place = { image, offset: 0, bytes };
  await makeFat(place, boot.names);
  await fillFat(place, files, context.scratch);
  return image;
}

/** SYSLINUX takes it from a file of this name, ISOLINUX from isolinux.cfg. */
export function syslinuxConfig(cmdline: string): string {
  return [
    'DEFAULT ishmael',
    'LABEL ishmael',
    'KERNEL /kernel',
    'INITRD /initrd.img',
    `APPEND ${cmdline}`,
    '',
  ].join('\n');
}

async function writeAt(path: string, bytes: Uint8Array, offset: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.write(bytes, 0, bytes.byteLength, offset);
  } finally {
    await file.close();
  }
}
