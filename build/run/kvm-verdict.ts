/**
 * What this host's KVM is good for, asked of the device and remembered in the user's cache. Keyed by
 * the host's boot id: a new kernel or another machine deserves a new try.
 */
import { access, constants, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cacheDir } from '../cache-dir.ts';

/** Whether /dev/kvm opens at all for this user. */
export async function kvmOpens(): Promise<boolean> {
  return access('/dev/kvm', constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
}

/** Whether `rememberKvmHung` was called since this host booted. */
export async function kvmHung(): Promise<boolean> {
  const remembered = await readFile(verdictPath(), 'utf8').catch(() => '');
  return remembered !== '' && remembered === (await bootId());
}

/** Best effort: a read-only home only costs the next run its seconds of watching. */
export async function rememberKvmHung(): Promise<void> {
  const path = verdictPath();
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, await bootId());
  } catch {
    // See above.
  }
}

function verdictPath(): string {
  return join(cacheDir(), 'kvm-hung');
}

async function bootId(): Promise<string> {
  return readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => 'unknown');
}
