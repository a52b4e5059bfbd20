/** The files of /sys/class/block/NAME (Documentation/ABI/stable/sysfs-block) as a device. Pure. */
import type { BlockDevice } from '../control/api-machine.ts';

/** As the kernel wrote them, empty where there is no such file. */
export interface BlockDeviceFiles {
  readonly name: string;
  /** Where the link of the class points to: `../../devices/pci0000:00/…/vda/vda1`. */
  readonly link: string;
  readonly dev: string;
  readonly size: string;
  readonly ro: string;
  readonly removable: string;
  readonly stat: string;
  readonly partition: string;
  readonly model: string;
  readonly serial: string;
}

/** `size` and `stat` count in these, whatever the sectors of the disk are. */
const SECTOR = 512;

export function describeBlockDevice(files: BlockDeviceFiles): BlockDevice {
  const { name, link } = files;
  const parent = files.partition === '' ? undefined : link.split('/').at(-2);
  const model = files.model.trim();
  const serial = files.serial.trim();
  // Documentation/block/stat.rst
  const counters = files.stat.trim().split(/ +/).map(Number);
  const at = (index: number): number => counters[index] ?? 0;
  return {
    name,
    device: files.dev.trim(),
    ...(parent === undefined ? {} : { parent }),
    sizeBytes: Number(files.size) * SECTOR,
    readOnly: files.ro.trim() === '1',
    removable: files.removable.trim() === '1',
    ...(model === '' ? {} : { model }),
    ...(serial === '' ? {} : { serial }),
    reads: at(0),
    readBytes: at(2) * SECTOR,
    readMs: at(3),
    writes: at(4),
    writtenBytes: at(6) * SECTOR,
    writeMs: at(7),
    busyMs: at(9),
    inFlight: at(8),
  };
}
