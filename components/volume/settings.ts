import type { Addition } from '../../build/component/recipe.ts';
import {
  CONTAINER_FOLDERS,
  OWN_PROGRAM_LIBRARIES,
  OWN_PROGRAM_PACKAGES,
} from '../../build/component/recipe.ts';
import { appletLinks } from '../busybox/applets.ts';
import { DISK_LIBRARIES } from './disk-libraries.ts';

/** Whole disks and their partitions, of which new ones appear in the machine's /dev. */
const DISKS: object = { path: 'all', type: 'b' };

/**
 * The program is the machine's own; what it mounts is there for the machine, too, because its mounts are shared. Device nodes
 * of encrypted disks are made by hand, for want of udev, and their keys locked in memory.
 */
export const VOLUME_SETTINGS: object = {
  readonly: true,
  capabilities: [
    'CAP_SYS_ADMIN',
    'CAP_SYS_MODULE',
    // ext4 asks for it before a file system that is mounted may grow.
    'CAP_SYS_RESOURCE',
    'CAP_CHOWN',
    // resize2fs opens the directory, which may be somebody else's alone.
    'CAP_DAC_OVERRIDE',
    'CAP_FOWNER',
    'CAP_MKNOD',
    'CAP_IPC_LOCK',
  ],
  // The profile that others have forbids swapon(2), whatever the capabilities.
  seccomp: 'unconfined',
  rootfsPropagation: 'shared',
  binds: [
    '/init:/init:ro',
    '/dev:/dev',
    '/containers/volumes:/containers/volumes:rshared,rbind',
    '/lib/modules:/lib/modules:ro',
  ],
  tmpfs: ['/run'],
  devices: [DISKS],
};

/** With device-mapper's control, and TPMs, whose numbers are given out as they come. */
export const ENCRYPTION_SETTINGS: object = {
  ...VOLUME_SETTINGS,
  devices: [DISKS, { path: 'all', type: 'c' }],
};

export const VOLUME_PACKAGES: readonly string[] = [
  'busybox',
  'dosfstools',
  'e2fsprogs',
  'fdisk',
  ...OWN_PROGRAM_PACKAGES,
  'util-linux',
];

export const VOLUME_KEEP: readonly string[] = [
  'usr/bin/busybox',
  'usr/bin/partx',
  'usr/sbin/blkid',
  'usr/sbin/e2fsck',
  'usr/sbin/fsck.fat',
  'usr/sbin/mke2fs',
  'usr/sbin/mkfs.fat',
  'usr/sbin/resize2fs',
  'usr/sbin/sfdisk',
  'etc/mke2fs.conf',
  ...DISK_LIBRARIES,
  ...OWN_PROGRAM_LIBRARIES,
];

export const VOLUME_FILES: readonly Addition[] = [
  ...CONTAINER_FOLDERS,
  ...['containers', 'containers/volumes', 'usr/lib/modules'].map((path): Addition => ({
    type: 'directory',
    path,
  })),
  ...appletLinks(['mkswap', 'modprobe', 'mount', 'swapon']),
  { type: 'symlink', path: 'usr/bin/volume', target: '/init' },
];
