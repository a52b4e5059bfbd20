/**
 * Loads drivers for the devices that are there, round after round until no new device appears: on a
 * kernel with modular virtio the network card shows up only after its bus driver is loaded.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { errnoCode } from '../../../sys/errno.ts';
import type { ModuleLoader } from './modules.ts';

/** More rounds than any chain of buses is deep. */
const MAX_ROUNDS = 16;

export async function coldplug(root: string, modules: ModuleLoader): Promise<void> {
  const seen = new Set<string>();
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const fresh = deviceModaliases(root).filter((modalias) => !seen.has(modalias));
    if (fresh.length === 0) return;
    let loaded = 0;
    for (const modalias of fresh) {
      seen.add(modalias);
      loaded += await modules.loadFor(modalias);
    }
    if (loaded === 0) return;
  }
  throw new Error(`Devices kept appearing for ${MAX_ROUNDS} rounds`);
}

/** /sys/bus rather than all of /sys/devices: the same devices without walking the tree. */
function deviceModaliases(root: string): string[] {
  const buses = `${root}/sys/bus`;
  const found = readdirSync(buses).flatMap((bus) => {
    const devices = `${buses}/${bus}/devices`;
    return readdirSync(devices).map((device) => readModalias(`${devices}/${device}/modalias`));
  });
  return [...new Set(found)].filter((modalias) => modalias !== '');
}

function readModalias(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    // Many devices have none, and a device can go away while we look.
    const code = errnoCode(error);
    if (code === 'ENOENT' || code === 'ENODEV') return '';
    throw error;
  }
}
