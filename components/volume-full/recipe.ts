import { MULTIARCH } from '../../build/component/for-arch.ts';
import {
  C_LIBRARY,
  containerConfig,
  DEBIAN_SYSTEM,
  DEFAULT_PATH,
  libraries,
  type Recipe,
} from '../../build/component/recipe.ts';
import { XFS_BTRFS_LIBRARIES } from '../volume/disk-libraries.ts';
import {
  ENCRYPTION_SETTINGS,
  VOLUME_FILES,
  VOLUME_KEEP,
  VOLUME_PACKAGES,
} from '../volume/settings.ts';

/** The same as `ishmael/volume` with XFS, Btrfs, encryption and TPMs, for volumes that want one of them. */
export const recipe: Recipe = {
  name: 'volume-full',
  packages: [
    ...VOLUME_PACKAGES,
    'btrfs-progs',
    'cryptsetup-bin',
    'libtss2-esys-3.0.2-0t64',
    'libtss2-rc0t64',
    'libtss2-tcti-device0t64',
    'systemd-cryptsetup',
    'xfsprogs',
  ],
  assume: [...DEBIAN_SYSTEM, 'libpam-modules', 'libpam-runtime'],
  keep: [
    ...VOLUME_KEEP,
    ...XFS_BTRFS_LIBRARIES,
    ...C_LIBRARY,
    'usr/bin/btrfs',
    'usr/bin/systemd-cryptenroll',
    'usr/sbin/cryptsetup',
    'usr/sbin/mkfs.btrfs',
    'usr/sbin/mkfs.xfs',
    'usr/sbin/xfs_growfs',
    `usr/lib/${MULTIARCH}/cryptsetup/libcryptsetup-token-systemd-tpm2.so`,
    `usr/lib/${MULTIARCH}/systemd/libsystemd-shared-*.so`,
    ...libraries(
      'libacl.so.1',
      'libaudit.so.1',
      'libcap-ng.so.0',
      'libcrypt.so.1',
      'libcrypto.so.3',
      'libcryptsetup.so.12',
      'libdevmapper.so.1.02.1',
      'libjson-c.so.5',
      'libmount.so.1',
      'libpam.so.0',
      'libpcre2-8.so.0',
      'libpopt.so.0',
      'libseccomp.so.2',
      'libselinux.so.1',
      'libtss2-esys.so.0',
      'libtss2-mu.so.0',
      'libtss2-rc.so.0',
      'libtss2-sys.so.1',
      'libtss2-tcti-device.so.0',
    ),
  ],
  add: VOLUME_FILES,
  config: containerConfig({
    entrypoint: ['/usr/bin/volume'],
    env: [DEFAULT_PATH, 'DM_DISABLE_UDEV=1'],
    settings: ENCRYPTION_SETTINGS,
  }),
};
