import {
  C_LIBRARY,
  containerConfig,
  CONTAINER_FOLDERS,
  DEBIAN_SYSTEM,
  type Recipe,
} from '../../build/component/recipe.ts';
import { appletLinks } from '../busybox/applets.ts';
import { DISK_LIBRARIES, XFS_BTRFS_LIBRARIES } from '../volume/disk-libraries.ts';

/** Whole disks and their partitions, of which new ones appear in the machine's /dev. */
const SETTINGS = {
  readonly: true,
  capabilities: ['CAP_SYS_ADMIN', 'CAP_SYS_MODULE'],
  binds: ['/dev:/dev', '/lib/modules:/lib/modules:ro'],
  tmpfs: ['/tmp'],
  devices: [{ path: 'all', type: 'b' }],
};

/**
 * Lets the last partition of a disk, and the ext4, XFS or Btrfs in it, grow to the end of the disk: `extend [DISK]`. Without
 * DISK all disks are looked at. What is mounted already is not touched.
 */
export const recipe: Recipe = {
  name: 'extend',
  packages: ['fdisk', 'util-linux', 'e2fsprogs', 'xfsprogs', 'btrfs-progs', 'busybox'],
  assume: [...DEBIAN_SYSTEM, 'libpam-modules', 'libpam-runtime', 'libpam0g'],
  keep: [
    'usr/sbin/sfdisk',
    'usr/sbin/blkid',
    'usr/sbin/e2fsck',
    'usr/sbin/resize2fs',
    'usr/sbin/xfs_growfs',
    'usr/bin/btrfs',
    'usr/bin/busybox',
    ...C_LIBRARY,
    ...DISK_LIBRARIES,
    ...XFS_BTRFS_LIBRARIES,
  ],
  add: [
    ...CONTAINER_FOLDERS,
    ...appletLinks([
      'cat',
      'grep',
      'mkdir',
      'modprobe',
      'mount',
      'sh',
      'sleep',
      'umount',
      'readlink',
    ]),
    { type: 'file', path: 'usr/bin/extend', source: 'extend.sh', mode: 0o755 },
  ],
  config: containerConfig({
    entrypoint: ['/usr/bin/extend'],
    settings: SETTINGS,
  }),
};
