/**
 * Drivers for devices that come later, and links to disks. The kernel tells of them on a netlink socket, which Node cannot
 * wait on (libuv knows no netlink handles), so it is asked once a second: 50 µs each time, and nobody
 * plugs in a card faster.
 */
import { errorMessage } from '../sys/errno.ts';
import type { Sys } from '../sys/sys.ts';
import type { ModuleLoader } from './boot/steps/modules.ts';
import type { DiskLinks } from './disk-links/disk-links.ts';

const INTERVAL_MS = 1000;

export function watchHotplug(
  sys: Sys,
  modules: ModuleLoader,
  diskLinks: Pick<DiskLinks, 'refresh'>,
  tell: (severity: 'warning', text: string) => void,
): void {
  const uevents = sys.openUevents();
  setInterval(() => {
    let areDisksOther = false;
    for (let event = uevents.read(); event !== undefined; event = uevents.read()) {
      const modalias = addedModalias(event);
      if (modalias !== undefined) void loadDriver(modalias);
      areDisksOther ||= isAboutDisk(event);
    }
    if (areDisksOther) diskLinks.refresh();
  }, INTERVAL_MS);

  async function loadDriver(modalias: string): Promise<void> {
    try {
      await modules.loadFor(modalias);
      modules.checkFailures();
    } catch (error) {
      tell('warning', `driver for ${modalias}: ${errorMessage(error)}`);
    }
  }
}

/** Whether a disk came, went, or has another medium or other partitions now. */
export function isAboutDisk(uevent: string): boolean {
  return uevent.split('\0').includes('SUBSYSTEM=block');
}

/** The modalias of an `add` event: `add@/devices/…` NUL `KEY=value` NUL … (kobject_uevent.c). */
export function addedModalias(uevent: string): string | undefined {
  const [header, ...words] = uevent.split('\0');
  if (header?.startsWith('add@') !== true) return undefined;
  return words.find((word) => word.startsWith('MODALIAS='))?.slice('MODALIAS='.length);
}
