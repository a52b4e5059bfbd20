/** Reads what the machine has of disks, and what lies on them. */
import { readdirSync, readFileSync, readlinkSync, statfsSync } from 'node:fs';
import { parseMountinfo } from '../../sys/mount/mountinfo.ts';
import type { BlockDevice, FilesystemSpace, MachineMount } from '../control/api-machine.ts';
import { describeBlockDevice } from './block-device.ts';
import { readIfThere, unlessGone } from './unless-gone.ts';

const CLASS_DIR = '/sys/class/block';

/**
 * Those of which statfs(2) answers from memory. Of others it asks a server or a process, which may be gone,
 * and PID 1 would wait for it.
 */
const LOCAL: readonly string[] = (
  'ext2 ext3 ext4 xfs btrfs f2fs vfat exfat ntfs3 squashfs erofs iso9660 udf ' +
  'tmpfs devtmpfs ramfs rootfs overlay'
).split(' ');

/** All but those that nothing is behind, such as loop devices in waiting. */
export function blockDevices(): BlockDevice[] {
  const names = unlessGone(() => readdirSync(CLASS_DIR)) ?? [];
  return names.sort().flatMap((name) => {
    const file = (path: string): string => readIfThere(`${CLASS_DIR}/${name}/${path}`);
    const link = unlessGone(() => readlinkSync(`${CLASS_DIR}/${name}`));
    const size = file('size');
    if (link === undefined || Number(size) === 0) return [];
    return describeBlockDevice({
      name,
      link,
      size,
      dev: file('dev'),
      ro: file('ro'),
      removable: file('removable'),
      stat: file('stat'),
      partition: file('partition'),
      model: file('device/model'),
      // Disks of virtio have it beside, others below.
      serial: file('serial') || file('device/serial'),
    });
  });
}

/** PID 1's mounts, those of its containers' roots among them. */
export function machineMounts(): MachineMount[] {
  const mounts = parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8'));
  const uppermost = new Map(mounts.map((mount) => [mount.target, mount]));
  return mounts.map((mount) => {
    const visible = uppermost.get(mount.target) === mount && LOCAL.includes(mount.fstype);
    const space = visible ? spaceAt(mount.target) : undefined;
    return { ...mount, ...(space === undefined ? {} : { space }) };
  });
}

function spaceAt(path: string): FilesystemSpace | undefined {
  const stats = unlessGone(() => statfsSync(path));
  if (stats === undefined || stats.blocks === 0) return undefined;
  const { frsize, blocks, bfree, bavail, files, ffree } = stats;
  return {
    totalBytes: blocks * frsize,
    freeBytes: bfree * frsize,
    availableBytes: bavail * frsize,
    files,
    filesFree: ffree,
  };
}
