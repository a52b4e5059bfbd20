/**
 * Loads drivers for the devices that are there, round after round until no new device appears: on a
 * kernel with modular virtio the network card shows up only after its bus driver is loaded.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { errnoCode } from '../../../sys/errno.ts';
import type { ModuleLoader } from './modules.ts';

/** More rounds than any chain of buses is deep. */
const MAX_ROUNDS = 16;

export async function coldplug(root: string, modules: ModuleLoader): Promise<void> {
  const known = new Set<string>();
  const served = new Set<string>();
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const devices = deviceDirectories(root).filter((device) => !known.has(device));
    if (devices.length === 0) return;
    for (const device of devices) {
      known.add(device);
      const modalias = readModalias(device);
      if (modalias === '' || served.has(modalias)) continue;
      served.add(modalias);
      await modules.loadFor(modalias);
    }
  }
  throw new Error(`Devices kept appearing for ${MAX_ROUNDS} rounds`);
}

/** By bus rather than all of /sys/devices: the same devices without walking the tree. */
function deviceDirectories(root: string): string[] {
  const buses = `${root}/sys/bus`;
  return readdirSync(buses).flatMap((bus) => {
    const devices = `${buses}/${bus}/devices`;
    return readdirSync(devices).map((device) => `${devices}/${device}`);
  });
}

function readModalias(device: string): string {
  const path = `${device}/modalias`;
  // Most devices have none, and asking first is far cheaper than an exception for each of them.
  if (!existsSync(path)) return '';
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    // It went away while we looked.
    const code = errnoCode(error);
    if (code === 'ENOENT' || code === 'ENODEV') return '';
    throw error;
  }
}
