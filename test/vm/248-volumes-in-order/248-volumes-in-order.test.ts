/** Volumes on disks that have an order among the tasks: behind one of them, behind the metadata, and on the disk of the root. */
import { execFileSync } from 'node:child_process';
import { mkdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildImage } from '../../../build/cli/build-image.ts';
import { CHECKOUT } from '../../../build/cli/checkout.ts';
import { imageFiles } from '../../../build/run/image-files.ts';
import type { UnitStatus } from '../../../supervisor/control/api.ts';
import { makeIso } from '../../support/metadata-disk.ts';
import {
  type BootRequest,
  bootMachine,
  bootUntilEnd,
  type TestMachine,
} from '../../support/vm-machine.ts';
import { type GuestShell, guestShell, SHELL_PORT } from '../../support/vm-shell.ts';

const MIB = 1_048_576;
const NAME = '248-volumes-in-order';
const DIR = join(CHECKOUT, 'dist/vm', NAME);
const DISKS = ['root', 'grows', 'secret', 'metadata'] as const;
const path = (name: (typeof DISKS)[number]): string => join(DIR, `${name}.raw`);

let machine: TestMachine;
let shell: GuestShell;

/** A disk of the builder's with one partition more; its kernel and initrd are taken from it, which no firmware has to do then. */
const buildDisk: BootRequest['build'] = async (file, { dir, name }) => {
  await buildImage({ file, dir, name, components: true, compression: 'quick', progress: () => {} });
  const disk = path('root');
  execFileSync('cp', ['--sparse=always', join(dir, `${name}-bios.img`), disk]);
  await truncate(disk, 250 * MIB);
  execFileSync('/sbin/sfdisk', ['--quiet', '--append', disk], { input: 'type=83\n' });
  const { kernel, initrd, cmdline } = imageFiles(dir, name);
  for (const [from, to] of [
    ['kernel', kernel],
    ['initrd.img', initrd],
  ] as const) {
    execFileSync('mcopy', ['-n', '-o', '-i', `${disk}@@1M`, `::${from}`, to]);
  }
  await writeFile(cmdline, 'console=ttyS0');
};

async function boot(build: BootRequest['build']): Promise<void> {
  machine = await bootMachine({
    folder: import.meta.dirname,
    ...(build && { build }),
    ports: [SHELL_PORT],
    disks: DISKS.map(path),
    memoryMiB: 768,
  });
  shell = await guestShell(machine);
}

beforeAll(async () => {
  await rm(DIR, { recursive: true, force: true });
  await mkdir(DIR, { recursive: true });
  for (const [name, size] of [
    ['grows', 200],
    ['secret', 40],
  ] as const) {
    await writeFile(path(name), '');
    await truncate(path(name), size * MIB);
  }
  const userData = { 'disk-key': { content: 'what only this machine is told' } };
  await makeIso(path('metadata'), { 'meta-data': '', 'user-data': JSON.stringify(userData) });
  await boot(buildDisk);
}, 500_000);
afterAll(async () => machine.vm.kill());

const order = async (): Promise<readonly string[]> => {
  const events = await machine.events();
  const tasks = events.filter(({ text }) => text === 'exit code 0').map(({ unit }) => unit);
  return tasks.map((unit) => unit.replace(/^\d+-/u, ''));
};

it('makes each behind what it waits for, and the others before all tasks', async () => {
  expect(await order()).toEqual([
    'volume-grows',
    'network',
    'early',
    'volume-beside',
    'metadata',
    'volume-secret',
    'late',
  ]);
});

it('takes a partition of the disk that has the root, and leaves the root as it is', async () => {
  const mounts = await shell('cat /proc/mounts');
  expect(mounts).toMatch(/^\/dev\/vda3 \/beside ext4 rw/mu);
  expect(mounts).toMatch(/^\/dev\/mapper\/volume-secret \/secret ext4 rw/mu);
  expect(mounts).toMatch(/^\/dev\/\w+ \/grows btrfs rw/mu);
  for (const name of ['beside', 'grows', 'secret']) {
    await shell(`echo letter of ${name} > /${name}/letter`);
  }
});

describe('the next boot', () => {
  beforeAll(async () => {
    await machine.post('/v1/poweroff');
    await machine.ended();
    await truncate(path('grows'), 350 * MIB);
    await boot(async () => {});
  }, 400_000);

  it('finds them, with the key of the metadata, and Btrfs grows with its disk', async () => {
    expect(await shell('cat /beside/letter /grows/letter /secret/letter')).toBe(
      'letter of beside\nletter of grows\nletter of secret\n',
    );
    const kib = await shell("df -k /grows | awk 'END { print $2 }'");
    expect(Number(kib)).toBeGreaterThan(330 * 1024);
    const units = await machine.get<readonly UnitStatus[]>('/v1/services');
    expect(units.filter(({ state }) => state === 'failed')).toEqual([]);
  });
});

it('is the end of the machine where onFailure says so, when the disk is not there', async () => {
  const yaml = join(import.meta.dirname, 'no-disk.yml');
  const { vm } = await bootUntilEnd({ folder: import.meta.dirname, yaml, instance: 'no-disk' });
  const text = vm.console.text();
  expect(text).toContain('reboot requested by onboot task volume-data, which has failed');
  expect(text).not.toContain('never: running');
});
