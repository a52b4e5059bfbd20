/** Machines whose firmware boots them from a disk or a disc that the builder wrote. Pure but for the places of the firmware. */
import type { ArchName } from '../arch.ts';
import type { HostTool } from '../host-tools.ts';
import { DISK_BUSES, type DiskBus, type MachineDisk } from './machine-disk.ts';

export const FIRMWARES = ['bios', 'uefi'] as const;
export type Firmware = (typeof FIRMWARES)[number];

export interface FirmwareBoot {
  readonly firmware: Firmware;
  /** Of what is on the disk: its name does not tell. */
  readonly arch: ArchName;
  /** A file of UEFI variables with the keys of Secure Boot: what they have not signed is not started. */
  readonly variables?: string;
  /** Comes before all other disks. */
  readonly bootDisk: MachineDisk;
}

interface UefiBuild {
  readonly code: string;
  readonly variables: string;
  readonly package: string;
}

/** Debian's builds of EDK II. Its variables begin anew with each start: nothing here lives in them. */
const UEFI: Record<ArchName, UefiBuild> = {
  amd64: {
    code: '/usr/share/OVMF/OVMF_CODE_4M.fd',
    variables: '/usr/share/OVMF/OVMF_VARS_4M.fd',
    package: 'ovmf',
  },
  arm64: {
    code: '/usr/share/AAVMF/AAVMF_CODE.fd',
    variables: '/usr/share/AAVMF/AAVMF_VARS.fd',
    package: 'qemu-efi-aarch64',
  },
};

/** The build that has Secure Boot, which guards its variables by the processor's system management mode: a PC's. */
const SECURE: Omit<UefiBuild, 'variables'> = {
  code: '/usr/share/OVMF/OVMF_CODE_4M.secboot.fd',
  package: 'ovmf',
};

function build({ arch, variables }: FirmwareBoot): UefiBuild {
  return variables === undefined ? UEFI[arch] : { ...SECURE, variables };
}

/** QEMU has a BIOS of its own. */
export function firmwareTools(boot: FirmwareBoot): readonly HostTool[] {
  if (boot.firmware === 'bios') return [];
  const { code, package: name } = build(boot);
  return [{ command: code, package: name, why: 'run a machine with UEFI' }];
}

export function firmwareArgs(boot: FirmwareBoot): string[] {
  if (boot.firmware === 'bios') return [];
  const { code, variables } = build(boot);
  return [
    // The variables are out of the reach of whatever runs but the firmware itself.
    ...(boot.variables === undefined
      ? []
      : ['-global', 'driver=cfi.pflash01,property=secure,value=on']),
    '-drive',
    `if=pflash,unit=0,format=raw,readonly=on,file=${code}`,
    '-drive',
    `if=pflash,unit=1,format=raw,snapshot=on,file=${variables}`,
  ];
}

/** What `ishmael build` writes for firmware to boot, by how the names end. */
const ENDINGS: readonly {
  readonly ending: string;
  readonly firmware: Firmware;
  readonly bus: DiskBus;
}[] = [
  { ending: '-efi.iso', firmware: 'uefi', bus: 'cd' },
  { ending: '-efi-initrd.iso', firmware: 'uefi', bus: 'cd' },
  { ending: '-efi.img', firmware: 'uefi', bus: 'virtio' },
  { ending: '-efi.qcow2', firmware: 'uefi', bus: 'virtio' },
  { ending: '.iso', firmware: 'bios', bus: 'cd' },
  { ending: '-bios.img', firmware: 'bios', bus: 'virtio' },
  { ending: '.img', firmware: 'bios', bus: 'virtio' },
  { ending: '.qcow2', firmware: 'bios', bus: 'virtio' },
  { ending: '.vmdk', firmware: 'bios', bus: 'virtio' },
  { ending: '.vhd', firmware: 'bios', bus: 'virtio' },
  { ending: '.raw', firmware: 'bios', bus: 'virtio' },
];

/** QEMU has no such board (before 9.0; and then one without USB, network and PCI). */
export const PI_CARD = '-rpi4.img';

export interface BootMedium extends Omit<FirmwareBoot, 'arch'> {
  /** The image's name, without what tells its format. */
  readonly image: string;
}

/** How a file is booted; `undefined` when it is none that firmware boots. */
export function bootMedium(path: string): BootMedium | undefined {
  if (path.endsWith(PI_CARD)) return undefined;
  const found = ENDINGS.find(({ ending }) => path.endsWith(ending));
  if (found === undefined) return undefined;
  const { ending, firmware, bus } = found;
  const image = path.slice(path.lastIndexOf('/') + 1, -ending.length);
  return { image, firmware, bootDisk: { path, bus } };
}

export function readFirmware(text: string): Firmware | undefined {
  return FIRMWARES.find((known) => known === text);
}

/** Those that firmware boots from. */
export const BOOT_BUSES: readonly DiskBus[] = DISK_BUSES.filter((bus) => bus !== 'sd');

export function readBus(text: string): DiskBus | undefined {
  return BOOT_BUSES.find((known) => known === text);
}
