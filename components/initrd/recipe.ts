import { C_LIBRARY, libraries, type Recipe } from '../../build/component/recipe.ts';
import { appletLinks } from '../busybox/applets.ts';

/**
 * What is between the kernel and a root that is a file system on a disk: finds the disk, checks it where the image is verified, and
 * gives way to /init of that root. The builder adds the kernel's drivers, and what the root looks like
 * (build/output/root/root-initrd.ts).
 */
export const recipe: Recipe = {
  name: 'initrd',
  packages: ['busybox', 'dmsetup'],
  assume: ['libc-bin'],
  keep: [
    'usr/bin/busybox',
    'usr/sbin/dmsetup',
    ...C_LIBRARY,
    ...libraries(
      'libcap.so.2',
      'libdevmapper.so.1.02.1',
      'libm.so.6',
      'libpcre2-8.so.0',
      'libresolv.so.2',
      'libselinux.so.1',
      'libudev.so.1',
    ),
  ],
  add: [
    ...['dev', 'proc', 'root', 'sys'].map((path) => ({ type: 'directory', path }) as const),
    ...appletLinks(
      'cat find head modprobe mount sed sh sha256sum sleep sort switch_root umount xargs'.split(
        ' ',
      ),
    ),
    { type: 'file', path: 'init', source: 'init.sh', mode: 0o755 },
  ],
  config: { entrypoint: [], cmd: [], env: [], workingDir: '', stopSignal: '', labels: {} },
};
