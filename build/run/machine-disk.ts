/** A disk of a machine, and how it is attached. Pure. */

/**
 * QEMU's hardware: virtio_blk, an NVMe controller of its own, a port of an AHCI controller, a USB stick, a CD in an AHCI drive, a
 * memory card. A machine has one slot for a card, QEMU wants its size to be a power of two, and no firmware boots from it.
 */
export const DISK_BUSES = ['virtio', 'nvme', 'sata', 'usb', 'cd', 'sd'] as const;
export type DiskBus = (typeof DISK_BUSES)[number];

export interface MachineDisk {
  /** A file or device of the host: a raw image, or what its ending says (qcow2, vmdk, vhd). */
  readonly path: string;
  readonly bus: DiskBus;
  /** The machine may only read it, and several may at once. */
  readonly readonly?: true;
}

/** `FILE` or `FILE,bus=BUS`; a comma anywhere else is the file's. `undefined` for a bus that there is not. */
export function parseDisk(text: string): MachineDisk | undefined {
  const [, path = text, name = 'virtio'] = /^(.*),bus=([^,]*)$/su.exec(text) ?? [];
  const bus = DISK_BUSES.find((each) => each === name);
  return bus === undefined || path === '' ? undefined : { path, bus };
}

/**
 * QEMU's words for the disks, in their order. The guest may give blocks back, and the file shrinks.
 * @param bootsFirst whether the firmware is to boot the first of them
 */
export function diskArgs(disks: readonly MachineDisk[], bootsFirst = false): string[] {
  const ports = disks.filter(({ bus }) => bus === 'sata' || bus === 'cd').length;
  return [
    ...(ports > 0 ? ['-device', 'ahci,id=ahci'] : []),
    ...(disks.some(({ bus }) => bus === 'usb') ? ['-device', 'qemu-xhci,id=xhci'] : []),
    ...(disks.some(({ bus }) => bus === 'sd') ? ['-device', 'sdhci-pci'] : []),
    ...disks.flatMap((disk, index) => [
      '-blockdev',
      blockdev(disk, index),
      '-device',
      `${device(disk, disks.slice(0, index))},drive=disk${index}${bootsFirst && index === 0 ? ',bootindex=0' : ''}`,
    ]),
  ];
}

const DRIVERS = [
  ['.qcow2', 'qcow2'],
  ['.vmdk', 'vmdk'],
  ['.vhd', 'vpc'],
] as const;

function blockdev({ path, bus, readonly }: MachineDisk, index: number): string {
  const driver = DRIVERS.find(([ending]) => path.endsWith(ending))?.[1] ?? 'raw';
  // A comma in a path ends it, unless it is doubled.
  const file = `file.driver=file,file.filename=${path.replaceAll(',', ',,')}`;
  const access = bus === 'cd' || readonly ? 'read-only=on' : 'discard=unmap';
  return `driver=${driver},node-name=disk${index},${access},${file}`;
}

function device({ bus }: MachineDisk, before: readonly MachineDisk[]): string {
  const port = before.filter((other) => other.bus === 'sata' || other.bus === 'cd').length;
  switch (bus) {
    case 'virtio':
      return `virtio-blk-pci,serial=disk${before.length}`;
    case 'nvme':
      return `nvme,serial=disk${before.length}`;
    case 'sata':
      return `ide-hd,bus=ahci.${port}`;
    case 'cd':
      return `ide-cd,bus=ahci.${port}`;
    case 'usb':
      return 'usb-storage,bus=xhci.0';
    case 'sd':
      return 'sd-card';
  }
}
