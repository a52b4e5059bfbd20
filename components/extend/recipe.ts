import {
  C_LIBRARY,
  containerConfig,
  CONTAINER_FOLDERS,
  DEBIAN_SYSTEM,
  libraries,
  type Recipe,
} from '../../build/component/recipe.ts';
import { appletLinks } from '../busybox/applets.ts';

/** Whole disks and their partitions, of which new ones appear in the machine's /dev. */
const SETTINGS = {
  readonly: true,
  capabilities: ['CAP_SYS_ADMIN'],
  binds: ['/dev:/dev'],
  devices: [{ path: 'all', type: 'b' }],
};

/**
 * Lets the last partition of a disk, and the ext4 in it, grow to the end of the disk: `extend [DISK]`. Without
 * DISK all disks are looked at. What is mounted already is not touched.
 */
export const recipe: Recipe = {
  name: 'extend',
  packages: ['fdisk', 'util-linux', 'e2fsprogs', 'busybox'],
  assume: [...DEBIAN_SYSTEM, 'libpam-modules', 'libpam-runtime', 'libpam0g'],
  keep: [
    'usr/sbin/sfdisk',
    'usr/sbin/blkid',
    'usr/sbin/e2fsck',
    'usr/sbin/resize2fs',
    'usr/bin/busybox',
    ...C_LIBRARY,
    ...libraries(
      'libblkid.so.1',
      'libcom_err.so.2',
      'libe2p.so.2',
      'libext2fs.so.2',
      'libfdisk.so.1',
      'libreadline.so.8',
      'libresolv.so.2',
      'libsmartcols.so.1',
      'libtinfo.so.6',
      'libuuid.so.1',
    ),
  ],
  add: [
    ...CONTAINER_FOLDERS,
    ...appletLinks(['cat', 'grep', 'sh', 'sleep']),
    { type: 'file', path: 'usr/bin/extend', source: 'extend.sh', mode: 0o755 },
  ],
  config: containerConfig({
    entrypoint: ['/usr/bin/extend'],
    settings: SETTINGS,
  }),
};
