import {
  C_LIBRARY,
  containerConfig,
  CONTAINER_FOLDERS,
  DEBIAN_SYSTEM,
  DEFAULT_PATH,
  libraries,
  type Recipe,
} from '../../build/component/recipe.ts';
import { appletLinks } from '../busybox/applets.ts';

/**
 * The key is a file of the machine's /etc/dm-crypt. Device nodes are made by hand, for want of udev; keys are
 * locked in memory.
 */
const SETTINGS = {
  readonly: true,
  capabilities: ['CAP_SYS_ADMIN', 'CAP_CHOWN', 'CAP_MKNOD', 'CAP_SYS_MODULE', 'CAP_IPC_LOCK'],
  binds: ['/dev:/dev', '/etc/dm-crypt:/etc/dm-crypt:ro', '/lib/modules:/lib/modules:ro'],
  tmpfs: ['/run'],
  devices: [{ path: 'all', type: 'b' }],
  resources: { devices: [{ allow: true, type: 'c', major: 10, minor: 236 }] },
};

/**
 * Opens an encrypted disk as `/dev/mapper/NAME`: `crypto [-k KEYFILE] NAME DEVICE`. A blank device becomes LUKS2
 * with that key first; one that has anything else on it is left alone.
 */
export const recipe: Recipe = {
  name: 'dm-crypt',
  packages: ['cryptsetup-bin', 'util-linux', 'busybox'],
  assume: [...DEBIAN_SYSTEM, 'libpam-modules', 'libpam-runtime', 'libpam0g'],
  keep: [
    'usr/sbin/cryptsetup',
    'usr/sbin/blkid',
    'usr/bin/busybox',
    ...C_LIBRARY,
    ...libraries(
      'libblkid.so.1',
      'libcap.so.2',
      'libcrypto.so.3',
      'libcryptsetup.so.12',
      'libdevmapper.so.1.02.1',
      'libjson-c.so.5',
      'libm.so.6',
      'libpcre2-8.so.0',
      'libpopt.so.0',
      'libresolv.so.2',
      'libselinux.so.1',
      'libudev.so.1',
      'libuuid.so.1',
      'libz.so.1',
      'libzstd.so.1',
    ),
  ],
  add: [
    ...CONTAINER_FOLDERS,
    ...appletLinks(['cat', 'head', 'modprobe', 'sh', 'sleep', 'tr', 'wc']),
    { type: 'file', path: 'usr/bin/crypto', source: 'crypto.sh', mode: 0o755 },
  ],
  config: containerConfig({
    entrypoint: ['/usr/bin/crypto'],
    env: [DEFAULT_PATH, 'DM_DISABLE_UDEV=1'],
    settings: SETTINGS,
  }),
};
