/** LUKS2 with a key that nobody types. */
import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import type { DiskWish, KeySource } from './disk-wish.ts';
import type { DiskWorld } from './prepare-volume.ts';
import { VolumeError } from './volume-error.ts';

type KeyOwner = Pick<DiskWish, 'name'>;

/** In memory, and gone with the task. */
const KEY_FILE = '/run/volume-key';

const TPM = '/dev/tpmrm0';

/** Throws before anything is done to a disk that could then not be opened. */
export function requireKey(source: KeySource, { exists, readKey }: DiskWorld): void {
  if (source.from === 'tpm') {
    if (!exists(TPM)) throw new VolumeError(`there is no TPM, or no driver for it: no ${TPM}`);
  } else if (readKey(source.path).length === 0) {
    throw new VolumeError(`the key ${source.path} is empty`);
  }
}

/** Everything on the device is gone. */
export async function formatLuks(
  { name }: KeyOwner,
  source: KeySource,
  device: string,
  world: DiskWorld,
): Promise<void> {
  const { run, tell } = world;
  tell(`${name}: ${device} becomes LUKS2`);
  const key = source.from === 'file' ? world.readKey(source.path) : randomBytes(32).toString('hex');
  // The key is random and not a word that a person remembers: nothing is gained by making it slow to try.
  const pbkdf = ['--pbkdf', 'pbkdf2', '--pbkdf-force-iterations', '1000'];
  const how = ['--batch-mode', '--type', 'luks2', ...pbkdf, '--label', name];
  await run('cryptsetup', ['luksFormat', ...how, '--key-file', '-', device], { input: key });
  if (source.from === 'tpm') await sealToTpm(String(key), source.pcrs, device, world);
}

/** The device behind which it is open. */
export async function openLuks(
  { name }: KeyOwner,
  source: KeySource,
  device: string,
  world: DiskWorld,
): Promise<string> {
  const mapping = `volume-${name}`;
  const path = `/dev/mapper/${mapping}`;
  if (world.exists(path)) return path;
  // The kernel's keyring is nothing that a container may use; the key goes to the device mapper itself.
  const how = ['open', '--type', 'luks', '--disable-keyring'];
  if (source.from === 'tpm') {
    const token = ['--token-only', '--token-type', 'systemd-tpm2'];
    await unsealed(device, world.run('cryptsetup', [...how, ...token, device, mapping]));
  } else {
    const input = world.readKey(source.path);
    await world.run('cryptsetup', [...how, '--key-file', '-', device, mapping], { input });
  }
  return path;
}

/**
 * The TPM gets a key of its own, to be had while the registers are as they are now, and the one that the disk was made
 * with opens it no more (systemd-cryptenroll(1)): what is sealed lies in the header of the disk.
 */
async function sealToTpm(
  key: string,
  pcrs: readonly number[],
  device: string,
  { run }: DiskWorld,
): Promise<void> {
  writeFileSync(KEY_FILE, key, { mode: 0o600 });
  try {
    await run('systemd-cryptenroll', [
      `--unlock-key-file=${KEY_FILE}`,
      '--tpm2-device=auto',
      `--tpm2-pcrs=${pcrs.join('+')}`,
      '--wipe-slot=password',
      device,
    ]);
  } finally {
    rmSync(KEY_FILE);
  }
}

async function unsealed(device: string, opening: Promise<unknown>): Promise<void> {
  try {
    await opening;
  } catch (cause) {
    const what = `the TPM does not give the key of ${device}`;
    const why =
      'it is another TPM, or the machine has not booted as it had when the volume was made';
    throw new VolumeError(`${what}: ${why}`, { cause });
  }
}
