/** Discs that firmware boots: ISO 9660 by xorriso, which also boot from a stick that they are written to. */
import { link, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runCommand } from '../../host-command.ts';
import type { HostTool } from '../../host-tools.ts';
import { streamFileData } from '../../rootfs/file-data.ts';
import type { OutputContext } from '../output-context.ts';
import type { BootFiles } from './boot-files.ts';
import { loaderFile } from './loader-file.ts';
import { SYSLINUX, syslinuxConfig, writeEfiPartition } from './boot-disk.ts';
import { FAT_TOOLS, SOURCE_DATE_EPOCH } from './fat-partition.ts';

const XORRISO: HostTool = { command: 'xorriso', package: 'xorriso', why: 'write an ISO image' };
export const BIOS_DISC_TOOLS: readonly HostTool[] = [XORRISO];
export const EFI_DISC_TOOLS: readonly HostTool[] = [XORRISO, ...FAT_TOOLS];

const LABEL = 'ISHMAEL';

export async function writeBiosDisc(
  boot: BootFiles,
  context: OutputContext,
  path: string,
): Promise<void> {
  const folder = join(context.scratch, 'disc-bios');
  const isolinux = join(folder, 'isolinux');
  await mkdir(isolinux, { recursive: true });
  const load = (name: string, to: string): Promise<void> => placeLoader(context, name, to);
  await load('usr/lib/ISOLINUX/isolinux.bin', join(isolinux, 'isolinux.bin'));
  await load('usr/lib/syslinux/modules/bios/ldlinux.c32', join(isolinux, 'ldlinux.c32'));
  const mbr = join(context.scratch, 'isohdpfx.bin');
  await load('usr/lib/ISOLINUX/isohdpfx.bin', mbr);
  await writeFile(join(isolinux, 'isolinux.cfg'), syslinuxConfig(boot.cmdline));
  await link(boot.kernel.path, join(folder, 'kernel'));
  await link(boot.initrd.path, join(folder, 'initrd.img'));
  await xorriso(path, folder, [
    '-b',
    'isolinux/isolinux.bin',
    '-c',
    'isolinux/boot.cat',
    '-no-emul-boot',
    '-boot-load-size',
    '4',
    '-boot-info-table',
    '-isohybrid-mbr',
    mbr,
  ]);
  await rm(folder, { recursive: true });
}

/** All of it is in the partition that the disc's boot catalogue names, which is in a partition table, too. */
export async function writeEfiDisc(
  boot: BootFiles,
  context: OutputContext,
  path: string,
): Promise<void> {
  const folder = join(context.scratch, 'disc-efi');
  await mkdir(folder, { recursive: true });
  await link(await writeEfiPartition(boot, context), join(folder, 'efi.img'));
  const options = ['-e', 'efi.img', '-no-emul-boot', '-efi-boot-part', '--efi-boot-image'];
  await xorriso(path, folder, options);
  await rm(folder, { recursive: true });
}

async function xorriso(path: string, folder: string, options: readonly string[]): Promise<void> {
  await rm(path, { force: true });
  await runCommand(
    'xorriso',
    [
      '-as',
      'mkisofs',
      '-quiet',
      '-o',
      path,
      '-V',
      LABEL,
      '-r',
      ...options,
      '--set_all_file_dates',
      '1980010100000000',
      folder,
    ],
    { env: { SOURCE_DATE_EPOCH, TZ: 'UTC' } },
  );
}

async function placeLoader(context: OutputContext, name: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await writeFile(to, streamFileData(await loaderFile(context, SYSLINUX, name)));
}
