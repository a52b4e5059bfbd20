/** The kernel for any hardware finds the disks and the network card of a machine without virtio. */
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

async function blank(bus: MachineDisk['bus']): Promise<MachineDisk> {
  const path = join(DIR, `${bus}.raw`);
  await writeFile(path, '');
  await truncate(path, 64 * MIB);
  return { path, bus };
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
    disks: [await blank('nvme'), await blank('sata'), await blank('usb'), await disc()],
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
  expect(ends).toHaveLength(5);
  for (const [, exit] of ends) expect(exit).toMatchObject({ code: 0 });
});

it('mounts ext4 from NVMe, FAT from SATA, ISO 9660 from a CD', async () => {
  const mounts = await shell('grep /var/ /proc/mounts');
  expect(mounts).toMatch(/^\/dev\/nvme0n1p1 \/var\/nvme ext4 rw/m);
  expect(mounts).toMatch(/^\/dev\/sda1 \/var\/sata vfat rw/m);
  expect(await shell('cat /var/cd/letter.txt')).toBe('from a disc\n');
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
