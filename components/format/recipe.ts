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
  capabilities: ['CAP_SYS_ADMIN'],
  binds: ['/dev:/dev'],
  devices: [{ path: 'all', type: 'b' }],
};

/**
 * Makes a partition over a whole disk and a file system in it, `format [-label NAME] [-type ext4|xfs|btrfs|vfat] [-force]
 * [DISK]`. Never on a disk that has anything on it, unless that is named and forced; a disk that is as it should
 * be is left alone, so that it can run at every boot.
 */
export const recipe: Recipe = {
  name: 'format',
  packages: [
    'fdisk',
    'util-linux',
    'e2fsprogs',
    'dosfstools',
    'xfsprogs',
    'btrfs-progs',
    'busybox',
  ],
  assume: [...DEBIAN_SYSTEM, 'libpam-modules', 'libpam-runtime', 'libpam0g'],
  keep: [
    'usr/sbin/sfdisk',
    'usr/sbin/blkid',
    'usr/sbin/mke2fs',
    'usr/sbin/mkfs.fat',
    'usr/sbin/mkfs.xfs',
    'usr/sbin/mkfs.btrfs',
    'etc/mke2fs.conf',
    'usr/bin/busybox',
    ...C_LIBRARY,
    ...DISK_LIBRARIES,
    ...XFS_BTRFS_LIBRARIES,
  ],
  add: [
    ...CONTAINER_FOLDERS,
    ...appletLinks(['cat', 'head', 'sh', 'sleep', 'tr', 'wc', 'readlink']),
    { type: 'file', path: 'usr/bin/format', source: 'format.sh', mode: 0o755 },
  ],
  config: containerConfig({
    entrypoint: ['/usr/bin/format'],
    settings: SETTINGS,
  }),
};
