/** What tools for disks are linked with, for the recipes that have them. */
import { libraries } from '../../build/component/recipe.ts';

/** sfdisk, partx, blkid, e2fsprogs and dosfstools, and busybox beside them. */
export const DISK_LIBRARIES: readonly string[] = libraries(
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
);

/** xfsprogs and btrfs-progs, beside those. */
export const XFS_BTRFS_LIBRARIES: readonly string[] = libraries(
  'libcap.so.2',
  'libinih.so',
  'liblzo2.so.2',
  'libudev.so.1',
  'liburcu.so.8',
  'libz.so.1',
  'libzstd.so.1',
);
