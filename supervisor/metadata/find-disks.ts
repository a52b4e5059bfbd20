/** Disks that are for this machine to read. */
import { readdirSync } from 'node:fs';
import { errnoCode, errorMessage } from '../../sys/errno.ts';
import { openBlockReader } from './block-reader.ts';
import { readFat } from './fat.ts';
import { readIso9660 } from './iso9660.ts';
import { type Metadata, MetadataError } from './metadata.ts';
import { isForMachines, readNoCloud } from './nocloud.ts';

/** Never handed to a machine by anybody else. */
const OWN_DEVICES = /^(?:loop|ram|zram|dm-|md)/;
/** A drive with nothing in it, or a disk that is being taken out. */
const NOTHING_THERE: readonly string[] = ['ENOMEDIUM', 'ENXIO', 'ENOENT', 'ENODEV'];

/** Names of block devices that may have it, from `/sys/class/block`. */
export function blockDevices(folder = '/sys/class/block'): string[] {
  return readdirSync(folder)
    .filter((name) => !OWN_DEVICES.test(name))
    .sort();
}

/**
 * What the first of the devices with a file system for machines says; `undefined` where none has one. One that
 * cannot be read is told of and passed over.
 */
export function readDisks(
  devices: readonly string[],
  tell: (text: string) => void,
): Metadata | undefined {
  for (const device of devices) {
    try {
      const found = readDisk(device);
      if (found !== undefined) return found;
    } catch (error) {
      if (!NOTHING_THERE.includes(errnoCode(error) ?? ''))
        tell(`${device}: ${errorMessage(error)}`);
    }
  }
  return undefined;
}

function readDisk(device: string): Metadata | undefined {
  const reader = openBlockReader(device);
  try {
    const volume = readIso9660(reader) ?? readFat(reader);
    return volume !== undefined && isForMachines(volume) ? readNoCloud(device, volume) : undefined;
  } catch (error) {
    if (error instanceof RangeError)
      throw new MetadataError('a damaged file system', { cause: error });
    throw error;
  } finally {
    reader.close();
  }
}
