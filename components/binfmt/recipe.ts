import {
  C_LIBRARY,
  containerConfig,
  CONTAINER_FOLDERS,
  DEBIAN_SYSTEM,
  libraries,
  type Recipe,
} from '../../build/component/recipe.ts';
import { appletLinks } from '../busybox/applets.ts';

/** The file system is mounted for the machine: without a mount, the kernel forgets what was registered. */
const SETTINGS = {
  readonly: true,
  capabilities: ['CAP_SYS_ADMIN', 'CAP_SYS_MODULE'],
  rootfsPropagation: 'shared',
  binds: ['/lib/modules:/lib/modules:ro', '/proc/sys/fs:/fs:rshared,rbind'],
};

/**
 * Lets the machine run programs for aarch64, arm and riscv64, whatever it is itself. The kernel keeps the emulators open, so
 * that containers need none of their own.
 */
export const recipe: Recipe = {
  name: 'binfmt',
  packages: ['qemu-user-binfmt', 'busybox'],
  assume: DEBIAN_SYSTEM,
  keep: [
    'usr/bin/qemu-{aarch64,arm,riscv64}',
    'usr/libexec/qemu-binfmt/{aarch64,arm,riscv64}-binfmt-P',
    'usr/share/qemu/binfmt.d/qemu-{aarch64,arm,riscv64}.conf',
    'usr/bin/busybox',
    ...C_LIBRARY,
    ...libraries('libresolv.so.2'),
  ],
  add: [
    ...CONTAINER_FOLDERS,
    { type: 'directory', path: 'fs' },
    ...appletLinks(['cat', 'modprobe', 'mount', 'sh']),
    { type: 'file', path: 'usr/bin/binfmt', source: 'binfmt.sh', mode: 0o755 },
  ],
  config: containerConfig({
    entrypoint: ['/usr/bin/binfmt'],
    settings: SETTINGS,
  }),
};
