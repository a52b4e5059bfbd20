/** A machine of service-images.ts, booted, with the shell in it. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bootMachine, type TestMachine } from '../support/vm-machine.ts';
import { type GuestShell, guestShell, SHELL_PORT } from '../support/vm-shell.ts';
import { DIR } from './images.ts';

export interface ServiceMachine {
  readonly machine: TestMachine;
  /** Runs in the mount namespace of PID 1. */
  readonly shell: GuestShell;
}

/** A hundred containers on an emulated processor take a minute and more. */
const BOOT_LIMIT_MS = 400_000;
const LIMIT_MS = 900_000;

/** @param name names the image, and the folder in dist/vm with its console.log */
export async function withServiceMachine<T>(
  name: string,
  yaml: string,
  use: (machine: ServiceMachine) => Promise<T>,
): Promise<T> {
  await mkdir(DIR, { recursive: true });
  const file = join(DIR, `${name}.yml`);
  await writeFile(file, yaml);
  const machine = await bootMachine({
    folder: name,
    yaml: file,
    ports: [SHELL_PORT],
    cpus: 2,
    bootLimitMs: BOOT_LIMIT_MS,
    caseLimitMs: LIMIT_MS,
  });
  try {
    return await use({ machine, shell: await guestShell(machine) });
  } finally {
    await machine.vm.kill();
  }
}
