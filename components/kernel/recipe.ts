import { ARCH } from '../../build/component/for-arch.ts';
import type { Recipe } from '../../build/component/recipe.ts';
import { MACHINE_MODULES, MACHINE_MODULES_OF } from './modules.ts';

/**
 * Debian's cloud kernel. Built into it already: virtio_pci, virtio_console, nvme, ext4, virtiofs, fuse,
 * af_packet, ipv6 and the serial and keyboard drivers; it has no e1000. Everything else that a
 * virtual machine needs is a module.
 */
export const recipe: Recipe = {
  name: 'kernel',
  packages: [`linux-image-cloud-${ARCH}`],
  // What installs a kernel on a Debian system, with systemd and coreutils behind it.
  assume: ['initramfs-tools', 'kmod', 'linux-base'],
  keep: ['boot/vmlinuz-*', 'usr/lib/modules/*/modules.*', 'usr/lib/modules/*/kernel/**/*.ko.xz'],
  add: [],
  kernelModules: MACHINE_MODULES,
  kernelModulesOf: MACHINE_MODULES_OF,
  config: { entrypoint: [], cmd: [], env: [], workingDir: '', stopSignal: '', labels: {} },
};
