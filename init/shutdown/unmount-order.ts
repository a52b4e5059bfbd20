/**
 * What to unmount at the end, and in which order. Pure.
 */
import type { MountEntry } from '../../sys/mount/mountinfo.ts';

export interface Unmount {
  readonly target: string;
  readonly fstype: string;
  /** It keeps data on a device: unmounting it cleanly is the point. */
  readonly persistent: boolean;
}

/** Filesystems of the kernel or in memory: nothing to lose, and needed until the last moment. */
const VOLATILE = new Set(
  (
    'rootfs ramfs proc sysfs devtmpfs devpts tmpfs mqueue cgroup2 securityfs debugfs configfs pstore ' +
    'bpf efivarfs binfmt_misc selinuxfs tracefs fusectl nsfs hugetlbfs'
  ).split(' '),
);

/** Later mounts lie on earlier ones, so the order is the reverse of mountinfo's. */
export function unmountOrder(mounts: readonly MountEntry[]): Unmount[] {
  return mounts
    .filter(({ target, fstype }) => target !== '/' && !VOLATILE.has(fstype))
    .map(({ target, fstype }) => ({ target, fstype, persistent: fstype !== 'overlay' }))
    .toReversed();
}
