/** A raw disk in the formats of hypervisors and clouds, the same bytes for the same disk. */
import { appendFile, copyFile, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../../host-command.ts';
import type { HostTool } from '../../host-tools.ts';
import { type DiskNames, SECTOR } from './disk-layout.ts';
import { fixedFooter, repeatable } from './vhd.ts';
import { repeatableDescriptor } from './vmdk.ts';

export const QEMU_IMG: HostTool = {
  command: 'qemu-img',
  package: 'qemu-utils',
  why: 'convert a disk',
};

export interface Conversion {
  readonly raw: string;
  readonly path: string;
  readonly names: DiskNames;
  readonly scratch: string;
}

export async function toQcow2({ raw, path }: Conversion): Promise<void> {
  await runCommand('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', raw, path]);
}

export async function toVmdk({ raw, path, names }: Conversion): Promise<void> {
  await runCommand('qemu-img', ['convert', '-f', 'raw', '-O', 'vmdk', raw, path]);
  const file = await open(path, 'r+');
  try {
    const { buffer } = await file.read(Buffer.alloc(DESCRIPTOR_BYTES), 0, DESCRIPTOR_BYTES, SECTOR);
    const descriptor = repeatableDescriptor(buffer, names.volumeId);
    await file.write(descriptor, 0, DESCRIPTOR_BYTES, SECTOR);
  } finally {
    await file.close();
  }
}

/** More than the descriptor ever is, and less than what qemu-img reserves for it (20 sectors). */
const DESCRIPTOR_BYTES = 4 * SECTOR;

/** A raw disk with a footer behind it, as Azure takes it. */
export async function toFixedVhd({ raw, path, names }: Conversion): Promise<void> {
  const { size } = await stat(raw);
  await sparseCopy(raw, path);
  await appendFile(path, fixedFooter(size, names.uuid('vhd')));
}

/** It has the footer twice, at its beginning and at its end. */
export async function toDynamicVhd({ raw, path, names }: Conversion): Promise<void> {
  // Without `force_size` the size would be rounded up to whole cylinders.
  const options = 'subformat=dynamic,force_size=on';
  await runCommand('qemu-img', ['convert', '-f', 'raw', '-O', 'vpc', '-o', options, raw, path]);
  const { size } = await stat(path);
  const file = await open(path, 'r+');
  try {
    const { buffer } = await file.read(Buffer.alloc(SECTOR), 0, SECTOR, 0);
    const footer = repeatable(buffer, names.uuid('vhd'));
    for (const offset of [0, size - SECTOR]) await file.write(footer, 0, SECTOR, offset);
  } finally {
    await file.close();
  }
}

/** What Google Compute Engine imports: `disk.raw` in an archive of GNU's old format, gzipped. */
export async function toGcp({ raw, path, scratch }: Conversion): Promise<void> {
  const inside = join(scratch, 'disk.raw');
  await sparseCopy(raw, inside);
  const archive = join(scratch, 'disk.tar');
  await runCommand('tar', [
    '--create',
    '--format=oldgnu',
    '--sparse',
    '--file',
    archive,
    '--directory',
    scratch,
    '--mtime=@0',
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    '--mode=0644',
    'disk.raw',
  ]);
  await runCommand('gzip', ['--no-name', '--fast', '--force', archive]);
  await copyFile(`${archive}.gz`, path);
}

async function sparseCopy(from: string, to: string): Promise<void> {
  await runCommand('cp', ['--sparse=always', from, to]);
}
