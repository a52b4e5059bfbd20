import {
  C_LIBRARY,
  containerConfig,
  CONTAINER_FOLDERS,
  DEBIAN_SYSTEM,
  libraries,
  type Recipe,
} from '../../build/component/recipe.ts';

/** To add entropy is the right of who may do nearly anything; the device's number is that of `hw_random`. */
const SETTINGS = {
  readonly: true,
  capabilities: ['CAP_SYS_ADMIN'],
  devices: [{ path: '/dev/hwrng', type: 'c', major: 10, minor: 183, mode: '0600' }],
};

/**
 * Feeds what a hardware random number generator says to the kernel, after tests. With virtio-rng or RDRAND the
 * kernel does that itself; other hardware wants it.
 */
export const recipe: Recipe = {
  name: 'rngd',
  packages: ['rng-tools5'],
  assume: DEBIAN_SYSTEM,
  keep: ['usr/sbin/rngd', ...C_LIBRARY],
  // For what it does to the output of RDRAND.
  keepOf: { amd64: libraries('libgcrypt.so.20', 'libgpg-error.so.0') },
  add: [...CONTAINER_FOLDERS],
  config: containerConfig({
    entrypoint: ['rngd', '--foreground'],
    settings: SETTINGS,
  }),
};
