/** The formats that are disks and discs with a boot loader, under the names that LinuxKit gives to formats and files. */
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import type { OutputFormat } from '../../config/schema.ts';
import type { HostTool } from '../../host-tools.ts';
import type { OutputContext } from '../output-context.ts';
import type { Format } from '../output-format.ts';
import type { OutputFile } from '../write-whole.ts';
import { BIOS_DISC_TOOLS, EFI_DISC_TOOLS, writeBiosDisc, writeEfiDisc } from './boot-disc.ts';
import {
  BIOS_DISK_TOOLS,
  DISK_TOOLS,
  SYSLINUX,
  SYSTEMD_BOOT,
  writeBiosDisk,
  writeEfiDisk,
} from './boot-disk.ts';
import { type BootFiles, bootFiles, diskBootFiles } from './boot-files.ts';
import {
  type Conversion,
  QEMU_IMG,
  toDynamicVhd,
  toFixedVhd,
  toGcp,
  toQcow2,
  toVmdk,
} from './converted-disk.ts';
import { GIB } from './disk-layout.ts';
import { RASPI_FIRMWARE, writePiCard } from './pi-card.ts';

type DiskFormatName = Exclude<
  OutputFormat,
  | 'kernel+initrd'
  | 'kernel+squashfs'
  | 'kernel+erofs'
  | 'kernel+iso'
  | 'tar-kernel-initrd'
  | 'tar'
  | 'docker'
>;

type Firmware = 'bios' | 'efi';

const LOADERS: Record<Firmware, string> = { bios: SYSLINUX, efi: SYSTEMD_BOOT };

interface DiskOptions {
  readonly convert?: (conversion: Conversion) => Promise<void>;
  readonly tools?: readonly HostTool[];
  readonly multiple?: number;
}

function disk(firmware: Firmware, suffix: string, options: DiskOptions = {}): Format {
  const { convert, tools = [], multiple } = options;
  const write = firmware === 'bios' ? writeBiosDisk : writeEfiDisk;
  return {
    tools: [...(firmware === 'bios' ? BIOS_DISK_TOOLS : DISK_TOOLS), ...tools],
    component: LOADERS[firmware],
    firmware,
    root: 'disk',
    isSized: true,
    async files(parts, context) {
      const { scratch, size: bytes } = context;
      const boot = await diskBootFiles(parts, context);
      const raw = join(scratch, `disk${suffix}.raw`);
      await write(boot, context, {
        path: raw,
        ...(bytes !== undefined && { bytes }),
        ...(multiple !== undefined && { multiple }),
      });
      if (convert === undefined) return [placed(context, suffix, raw)];
      // Under the name it will have: a VMDK says it itself.
      const folder = await mkdtemp(join(scratch, 'converted-'));
      const path = join(folder, `${context.name}${suffix}`);
      await convert({ raw, path, names: boot.names, scratch });
      return [placed(context, suffix, path)];
    },
  };
}

function disc(firmware: Firmware, suffix: string): Format {
  const write: (boot: BootFiles, context: OutputContext, path: string) => Promise<void> =
    firmware === 'bios' ? writeBiosDisc : writeEfiDisc;
  return {
    tools: firmware === 'bios' ? BIOS_DISC_TOOLS : EFI_DISC_TOOLS,
    component: LOADERS[firmware],
    firmware,
    root: 'initrd',
    async files(parts, context) {
      const path = join(context.scratch, `disc${suffix}`);
      await write(await bootFiles(parts, context), context, path);
      return [placed(context, suffix, path)];
    },
  };
}

const PI_CARD: Format = {
  tools: DISK_TOOLS,
  component: RASPI_FIRMWARE,
  firmware: 'rpi',
  root: 'disk',
  isSized: true,
  async files(parts, context) {
    const { scratch, size: bytes } = context;
    const path = join(scratch, 'card.raw');
    await writePiCard(parts, context, { path, ...(bytes !== undefined && { bytes }) });
    return [placed(context, '-rpi4.img', path)];
  },
};

function placed({ dir, name }: OutputContext, suffix: string, from: string): OutputFile {
  return { path: join(dir, `${name}${suffix}`), from };
}

/** For hypervisors and clouds they have a BIOS, as in LinuxKit. */
export const DISK_FORMATS: Record<DiskFormatName, Format> = {
  'iso-bios': disc('bios', '.iso'),
  'iso-efi': disc('efi', '-efi.iso'),
  'iso-efi-initrd': disc('efi', '-efi-initrd.iso'),
  'raw-bios': disk('bios', '-bios.img'),
  'raw-efi': disk('efi', '-efi.img'),
  'qcow2-bios': disk('bios', '.qcow2', { convert: toQcow2, tools: [QEMU_IMG] }),
  'qcow2-efi': disk('efi', '-efi.qcow2', { convert: toQcow2, tools: [QEMU_IMG] }),
  vmdk: disk('bios', '.vmdk', { convert: toVmdk, tools: [QEMU_IMG] }),
  vhd: disk('bios', '.vhd', { convert: toFixedVhd }),
  'dynamic-vhd': disk('bios', '.vhd', { convert: toDynamicVhd, tools: [QEMU_IMG] }),
  // Compute Engine takes whole GiB only.
  gcp: disk('bios', '.img.tar.gz', { convert: toGcp, multiple: GIB }),
  aws: disk('bios', '.raw'),
  rpi4: PI_CARD,
};
