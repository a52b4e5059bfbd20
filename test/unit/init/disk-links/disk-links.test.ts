import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DiskLinks } from '../../../../init/disk-links/disk-links.ts';
import { isAboutDisk } from '../../../../init/hotplug.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'disk-links-'));
  mkdirSync(join(root, 'sys/class/block'), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true }));

function put(path: string, contents: string | Buffer): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), contents);
}

/** A disk with an ext4 of that label. */
function disk(name: string, label: string): void {
  const path = `sys/devices/pci0000:00/0000:00:0${name.length}.0/virtio1/block/${name}`;
  put(`${path}/size`, '2048\n');
  symlinkSync(`../../../${path}`, join(root, 'sys/class/block', name));
  const head = Buffer.alloc(4096);
  head.writeUInt16LE(0xef53, 1024 + 56);
  head.write(label, 1024 + 120);
  put(`dev/${name}`, head);
}

const labels = (): string[] => readdirSync(join(root, 'dev/disk/by-label')).sort();

it('links are as the disks are, also when those become others', async () => {
  disk('vda', 'data');
  const links = new DiskLinks(root);
  await links.update();
  expect(readlinkSync(join(root, 'dev/disk/by-label/data'))).toBe('../../vda');
  expect(readdirSync(join(root, 'dev/disk/by-path'))).toEqual(['pci-0000:00:03.0']);

  disk('vdbb', 'more');
  await links.update();
  expect(labels()).toEqual(['data', 'more']);

  rmSync(join(root, 'sys/class/block/vda'));
  await links.update();
  expect(labels()).toEqual(['more']);
});

it('a disk whose driver answers a question with an error takes nothing from the others', async () => {
  disk('vda', 'data');
  disk('vdbb', 'more');
  // As a SCSI disk without an identifier does: reading it is ENXIO, and so is opening a socket.
  const asked = 'sys/devices/pci0000:00/0000:00:03.0/virtio1/block/vda/wwid';
  const server = createServer().listen(join(root, asked));
  await once(server, 'listening');
  try {
    await new DiskLinks(root).update();
    expect(labels()).toEqual(['data', 'more']);
  } finally {
    server.close();
  }
});

it('what comes while it looks is looked at, too', async () => {
  disk('vda', 'data');
  const links = new DiskLinks(root);
  const first = links.update();
  disk('vdbb', 'more');
  await Promise.all([first, links.update()]);
  expect(labels()).toEqual(['data', 'more']);
});

it('drives without a medium, and what is no disk, are left out', async () => {
  disk('loop0', 'loop');
  disk('sr0', 'empty');
  put('sys/devices/pci0000:00/0000:00:03.0/virtio1/block/sr0/size', '0\n');
  await new DiskLinks(root).update();
  expect(readdirSync(join(root, 'dev')).sort()).toEqual(['loop0', 'sr0']);
});

it('a disk whose node is not there has its place all the same', async () => {
  disk('vda', 'data');
  rmSync(join(root, 'dev/vda'));
  await new DiskLinks(root).update();
  expect(readdirSync(join(root, 'dev/disk'))).toEqual(['by-path']);
});

it.each([
  ['add@/devices/x/block/sda\0ACTION=add\0SUBSYSTEM=block', true],
  ['change@/devices/x/block/sr0\0ACTION=change\0SUBSYSTEM=block', true],
  ['add@/devices/x/net/eth0\0ACTION=add\0SUBSYSTEM=net', false],
])('isAboutDisk(%j)', (uevent, expected) => {
  expect(isAboutDisk(uevent)).toBe(expected);
});
