/** Disks that are for this machine to read. */
import { readdirSync } from 'node:fs';
import { errnoCode, errorMessage } from '../../sys/errno.ts';
import { openBlockReader } from './block-reader.ts';
import { readFat } from './fat.ts';
import { readIso9660 } from './iso9660.ts';
import { type Metadata, MetadataError } from './metadata.ts';
import { isForMachines, readNoCloud } from './nocloud.ts';
import type { SmallVolume } from './small-volume.ts';

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

/** A disk that is for this machine and says nothing that can be used. */
export class UnusableDiskError extends MetadataError {}

/**
 * What the first of the devices with a file system for machines says; `undefined` where none has one. A device that
 * cannot be read is told of and passed over. Throws `UnusableDiskError` where only such a one is there: that is
 * not as if there were none.
 */
export function readDisks(
  devices: readonly string[],
  tell: (text: string) => void,
): Metadata | undefined {
  let unusable: UnusableDiskError | undefined;
  for (const device of devices) {
    try {
      const found = readDisk(device);
      if (found !== undefined) return found;
    } catch (error) {
      if (NOTHING_THERE.includes(errnoCode(error) ?? '')) continue;
      tell(`${device}: ${errorMessage(error)}`);
      if (error instanceof UnusableDiskError) unusable ??= error;
    }
  }
  if (unusable !== undefined) throw unusable;
  return undefined;
}

function readDisk(device: string): Metadata | undefined {
  const reader = openBlockReader(device);
  try {
    const volume = readIso9660(reader) ?? readFat(reader);
    if (volume === undefined || !isForMachines(volume)) return undefined;
    return readForMachine(device, volume);
  } finally {
    reader.close();
  }
}

/** RangeError: a number in a damaged file system leads out of it. */
function readForMachine(device: string, volume: SmallVolume): Metadata {
  try {
    return readNoCloud(device, volume);
  } catch (error) {
    const isDamage = error instanceof RangeError;
    if (!isDamage && !(error instanceof MetadataError)) throw error;
    const why = isDamage ? 'a damaged file system' : error.message;
    throw new UnusableDiskError(why, { cause: error });
  }
}
