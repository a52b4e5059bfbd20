/** The kernel for any hardware finds the disks and the network card of a machine without virtio. */
import { execFileSync } from 'node:child_process';
import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { CHECKOUT } from '../../../build/cli/checkout.ts';
import type { MachineDisk } from '../../../build/run/machine-disk.ts';
import type { UnitStatus } from '../../../supervisor/control/api.ts';
import { makeIso } from '../../support/metadata-disk.ts';
import { bootMachine, type TestMachine } from '../../support/vm-machine.ts';
import { type GuestShell, guestShell, SHELL_PORT } from '../../support/vm-shell.ts';

const MIB = 1_048_576;
const DIR = join(CHECKOUT, 'dist/vm/270-generic');

let machine: TestMachine;
let shell: GuestShell;

async function blank(bus: MachineDisk['bus'], mib = 64): Promise<MachineDisk> {
  const path = join(DIR, `${bus}-${mib}.raw`);
  await writeFile(path, '');
  await truncate(path, mib * MIB);
  return { path, bus };
}

/** With a partition that ends before the disk does. */
async function grown(type: 'xfs' | 'btrfs', mib: number, partMib: number): Promise<MachineDisk> {
  const path = join(DIR, `grown-${type}.raw`);
  const part = join(DIR, `${type}.part`);
  for (const [file, size] of [
    [path, mib],
    [part, partMib],
  ] as const) {
    await writeFile(file, '');
    await truncate(file, size * MIB);
  }
  const path2 = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
  const run = (command: string, args: readonly string[], input = ''): void =>
    void execFileSync(command, args, {
      input,
      env: { ...process.env, PATH: path2 },
      stdio: 'pipe',
    });
  run('sfdisk', ['--quiet', path], `label: gpt\nsize=${partMib}MiB\n`);
  run(`mkfs.${type}`, ['-q', '-f', '-L', `grown-${type}`, part]);
  run('dd', [`if=${part}`, `of=${path}`, 'bs=1M', 'seek=1', 'conv=notrunc,sparse', 'status=none']);
  return { path, bus: 'nvme' };
}

async function disc(): Promise<MachineDisk> {
  const path = join(DIR, 'disc.iso');
  await makeIso(path, { 'letter.txt': 'from a disc\n' }, { label: 'LETTERS' });
  return { path, bus: 'cd' };
}

beforeAll(async () => {
  await mkdir(DIR, { recursive: true });
  machine = await bootMachine({
    folder: import.meta.dirname,
    memoryMiB: 1024,
    ports: [SHELL_PORT],
    disks: [
      await blank('nvme', 400),
      await blank('nvme', 150),
      await grown('xfs', 700, 350),
      await grown('btrfs', 700, 350),
      await blank('sata'),
      await blank('usb'),
      await disc(),
    ],
    netdevs: ['user,id=lan,net=10.0.7.0/24'],
    devices: ['e1000e,netdev=lan', 'usb-kbd,bus=xhci.0'],
  });
  shell = await guestShell(machine);
  return () => machine.vm.kill();
});

it('runs all its tasks', async () => {
  const units = await machine.get<readonly UnitStatus[]>('/v1/services');
  const ends = units
    .filter(({ kind }) => kind === 'onboot')
    .map((unit) => [unit.name, unit.lastExit]);
  expect(ends).toHaveLength(11);
  for (const [name, exit] of ends) expect(exit, name as string).toMatchObject({ code: 0 });
});

it('mounts XFS and Btrfs from NVMe, FAT from SATA, ISO 9660 from a CD', async () => {
  const mounts = await shell('grep /var/ /proc/mounts');
  expect(mounts).toMatch(/^\/dev\/nvme\dn1p1 \/var\/nvme xfs rw/m);
  expect(mounts).toMatch(/^\/dev\/nvme\dn1p1 \/var\/other btrfs rw/m);
  expect(mounts).toMatch(/^\/dev\/sda1 \/var\/sata vfat rw/m);
  expect(await shell('cat /var/cd/letter.txt')).toBe('from a disc\n');
});

it('lets XFS and Btrfs fill their disks', async () => {
  for (const name of ['grown-xfs', 'grown-btrfs']) {
    const blocks = Number(await shell(`df -k /var/${name} | awk 'END { print $2 }'`));
    expect(blocks, name).toBeGreaterThan(600 * 1024);
  }
});

it('has the USB disk and keyboard', async () => {
  const size = await machine.waitFor('the USB disk', async () => {
    const said = await shell('cat /sys/block/sdb/size; readlink -f /sys/block/sdb');
    return said.includes('/usb') ? said : undefined;
  });
  expect(size).toMatch(/^131072\n/);
  expect(await shell('cat /proc/bus/input/devices')).toContain('QEMU USB Keyboard');
});

it('has an address from the network on the card', async () => {
  const card = await shell('cd /sys/class/net; grep -l DRIVER=e1000e */device/uevent');
  const name = card.split('/')[0] ?? '';
  const address = await machine.waitFor('an address', async () => {
    const said = await shell(`ip -4 addr show ${name}`);
    return said.includes('inet ') ? said : undefined;
  });
  expect(address).toContain('10.0.7.15');
});
