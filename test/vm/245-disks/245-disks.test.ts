/** Components for disks, in a machine that is booted, gets a larger disk and is booted again. */
import { mkdir, open, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { CHECKOUT } from '../../../build/cli/checkout.ts';
import type { LogLine, UnitStatus } from '../../../supervisor/control/api.ts';
import { bootMachine, type TestMachine } from '../../support/vm-machine.ts';
import { type GuestShell, guestShell, SHELL_PORT } from '../../support/vm-shell.ts';

const MIB = 1_048_576;
const DIR = join(CHECKOUT, 'dist/vm/245-disks');
const [DATA, SECRET, PRECIOUS, DOUBTFUL] = ['data', 'secret', 'precious', 'doubtful'].map((name) =>
  join(DIR, `${name}.raw`),
) as [string, string, string, string];

let machine: TestMachine;
let shell: GuestShell;

async function boot(): Promise<void> {
  machine = await bootMachine({
    folder: import.meta.dirname,
    ports: [SHELL_PORT],
    disks: [DATA, SECRET, PRECIOUS, DOUBTFUL],
  });
  shell = await guestShell(machine);
}

/** How a task ended, and what it said. */
async function task(name: string): Promise<{ code: number | undefined; said: string }> {
  const units = await machine.get<readonly UnitStatus[]>('/v1/services');
  const unit = units.find((each) => each.name === name);
  if (unit === undefined) throw new Error(`No task ${name}`);
  const lines: readonly LogLine[] = await machine.logs(unit.id);
  return { code: unit.lastExit?.code, said: lines.map(({ text }) => text).join('\n') };
}

beforeAll(async () => {
  await mkdir(DIR, { recursive: true });
  for (const [path, size] of [
    [DATA, 64 * MIB],
    [SECRET, 32 * MIB],
    [PRECIOUS, 8 * MIB],
    [DOUBTFUL, 8 * MIB],
  ] as const) {
    await rm(path, { force: true });
    await writeFile(path, '');
    await truncate(path, size);
  }
  const precious = await open(PRECIOUS, 'r+');
  await precious.write('no file system, and not nothing', 4096);
  await precious.close();
  await boot();
  return () => machine.vm.kill();
});

it('has links to its disks, those among them that a task has made a file system on', async () => {
  await machine.waitFor('the label of the disk that was formatted', async () => {
    const target = await shell('readlink /dev/disk/by-label/data');
    return target === '../../vda1\n' ? true : undefined;
  });
  const [uuid = ''] = /[0-9a-f-]{36}/.exec(await shell('ls /dev/disk/by-uuid')) ?? [];
  expect(await shell(`readlink -f /dev/disk/by-uuid/${uuid}`)).toMatch(/^\/dev\/(vda1|vdb)\n$/);
  const byPath = (await shell('ls /dev/disk/by-path')).trim().split('\n');
  expect(byPath).toHaveLength(5);
  for (const name of byPath) expect(name).toMatch(/^pci-0000:00:0[0-9a-f]\.0(-part1)?$/);
  expect(await shell('readlink /dev/disk/by-id/virtio-disk2')).toBe('../../vdc\n');
});

describe('the first boot', () => {
  it('formats the first blank disk, and is content with it the second time', async () => {
    expect(await task('format')).toMatchObject({ code: 0 });
    expect((await task('format')).said).toContain('/dev/vda1 has ext4 with the label data');
    expect(await task('format-again')).toEqual({
      code: 0,
      said: '/dev/vda1 has the file system that is asked for',
    });
  });

  it('leaves a disk alone that has anything on it, and names what there is for one that is not', async () => {
    expect(await task('format-precious')).toEqual({
      code: 1,
      said: 'format: /dev/vdc has something on it, and -force is not given',
    });
    expect(await task('format-doubtful')).toEqual({
      code: 1,
      said: 'format: /dev/vdd has something on it, and -force is not given',
    });
    expect(await task('format-missing')).toMatchObject({
      code: 1,
      said: expect.stringContaining(
        'no disk /dev/vdx; there are: /dev/vda /dev/vdb /dev/vdc',
      ) as string,
    });
    expect(await task('crypto-precious')).toMatchObject({
      code: 1,
      said: expect.stringContaining('/dev/vdc has something on it that is not LUKS') as string,
    });
  });

  it('mounts it for the whole machine', async () => {
    expect(await task('mount')).toMatchObject({ code: 0 });
    expect(await shell('grep /var/data /proc/mounts')).toMatch(/^\/dev\/vda1 \/var\/data ext4 rw/);
    expect(await task('mount-missing')).toMatchObject({
      code: 1,
      said: expect.stringContaining('nothing to mount with the label nobody; there are:') as string,
    });
  });

  it('swaps to a file on it', async () => {
    expect(await task('swap')).toMatchObject({ code: 0 });
    expect(await shell('cat /proc/swaps')).toMatch(/swap\s+file\s+163\d\d\s/);
  });

  it('has a file on it as a block device', async () => {
    expect(await task('losetup')).toMatchObject({ code: 0 });
    expect(await shell('cat /sys/block/loop0/loop/backing_file /sys/block/loop0/size')).toMatch(
      /loop\.img\n16384\n$/,
    );
  });

  it('encrypts a blank disk', async () => {
    expect(await task('crypto')).toMatchObject({ code: 0 });
    await shell(`mke2fs -F /dev/mapper/secret >/dev/null && mkdir -p /tmp/m &&
      mount /dev/mapper/secret /tmp/m && echo 'nobody may read this' > /tmp/m/letter && umount /tmp/m
      echo 'kept' > /var/data/letter; sync`);
    expect(await shell('mount /dev/mapper/secret /tmp/m && cat /tmp/m/letter; umount /tmp/m')).toBe(
      'nobody may read this\n',
    );
    expect((await readFile(SECRET)).includes('nobody may read this')).toBe(false);
    expect((await readFile(SECRET)).subarray(0, 4).toString()).toBe('LUKS');
  });

  it('has found nothing to extend', async () => {
    expect(await task('extend')).toEqual({
      code: 1,
      said: 'extend: no disk has a partition with ext4, xfs or btrfs at its end',
    });
  });
});

describe('the next boot, with a larger disk', () => {
  beforeAll(async () => {
    await machine.post('/v1/poweroff');
    await machine.ended();
    await truncate(DATA, 128 * MIB);
    await boot();
  });

  it('extends partition and file system, and keeps what was there', async () => {
    expect(await task('extend')).toMatchObject({
      code: 0,
      said: expect.stringContaining('/dev/vda1 grows by 6') as string,
    });
    expect(await shell('cat /var/data/letter')).toBe('kept\n');
    const blocks = Number(await shell(`df -k /var/data | awk 'END { print $2 }'`));
    expect(blocks).toBeGreaterThan(100 * 1024);
  });

  it('makes nothing new of what is there', async () => {
    expect(await task('format')).toEqual({
      code: 0,
      said: '/dev/vda1 has the file system that is asked for',
    });
    expect((await task('swap')).said).toContain('is there from before');
    expect((await task('crypto')).said).toBe('/dev/vdb is open as /dev/mapper/secret');
    expect(
      await shell('mkdir -p /tmp/m; mount /dev/mapper/secret /tmp/m && cat /tmp/m/letter'),
    ).toBe('nobody may read this\n');
  });

  it('has not written to the precious disk', async () => {
    const bytes = await readFile(PRECIOUS);
    expect(bytes.subarray(4096).toString('latin1')).toMatch(/^no file system, and not nothing\0*$/);
    expect(bytes.subarray(0, 4096).every((byte) => byte === 0)).toBe(true);
  });
});
