/** The formats that are disks and discs with a boot loader, under the names that LinuxKit gives to formats and files. */
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import type { OutputFormat } from '../../config/schema.ts';
import type { HostTool } from '../../host-tools.ts';
import type { MachineParts } from '../machine-trees.ts';
import type { OutputContext } from '../output-context.ts';
import type { OutputFile } from '../write-whole.ts';
import { BIOS_DISC_TOOLS, EFI_DISC_TOOLS, writeBiosDisc, writeEfiDisc } from './boot-disc.ts';
import {
  BIOS_DISK_TOOLS,
  EFI_DISK_TOOLS,
  SYSLINUX,
  SYSTEMD_BOOT,
  writeBiosDisk,
  writeEfiDisk,
} from './boot-disk.ts';
import { type BootFiles, bootFiles } from './boot-files.ts';
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

export interface DiskFormat {
  readonly files: (parts: MachineParts, context: OutputContext) => Promise<readonly OutputFile[]>;
  readonly tools: readonly HostTool[];
  /** The component with its boot loader. */
  readonly component: string;
  /** Whether it has a size that can be asked for. */
  readonly isSized: boolean;
  /** Architectures that have no such firmware. */
  readonly except: readonly string[];
}

const LOADERS: Record<Firmware, string> = { bios: SYSLINUX, efi: SYSTEMD_BOOT };
/** A BIOS is a PC's. */
const EXCEPT: Record<Firmware, readonly string[]> = { bios: ['arm64'], efi: [] };

interface DiskOptions {
  readonly convert?: (conversion: Conversion) => Promise<void>;
  readonly tools?: readonly HostTool[];
  readonly multiple?: number;
}

function disk(firmware: Firmware, suffix: string, options: DiskOptions = {}): DiskFormat {
  const { convert, tools = [], multiple } = options;
  const write = firmware === 'bios' ? writeBiosDisk : writeEfiDisk;
  return {
    tools: [...(firmware === 'bios' ? BIOS_DISK_TOOLS : EFI_DISK_TOOLS), ...tools],
    component: LOADERS[firmware],
    except: EXCEPT[firmware],
    isSized: true,
    async files(parts, context) {
      const { scratch, size: bytes } = context;
      const boot = await bootFiles(parts, context);
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

function disc(firmware: Firmware, suffix: string): DiskFormat {
  const write: (boot: BootFiles, context: OutputContext, path: string) => Promise<void> =
    firmware === 'bios' ? writeBiosDisc : writeEfiDisc;
  return {
    tools: firmware === 'bios' ? BIOS_DISC_TOOLS : EFI_DISC_TOOLS,
    component: LOADERS[firmware],
    except: EXCEPT[firmware],
    isSized: false,
    async files(parts, context) {
      const path = join(context.scratch, `disc${suffix}`);
      await write(await bootFiles(parts, context), context, path);
      return [placed(context, suffix, path)];
    },
  };
}

function placed({ dir, name }: OutputContext, suffix: string, from: string): OutputFile {
  return { path: join(dir, `${name}${suffix}`), from };
}

/** For hypervisors and clouds they have a BIOS, as in LinuxKit. */
export const DISK_FORMATS: Record<DiskFormatName, DiskFormat> = {
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
};
