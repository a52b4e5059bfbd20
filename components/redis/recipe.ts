import {
  C_LIBRARY,
  containerConfig,
  CONTAINER_FOLDERS,
  libraries,
  type Recipe,
} from '../../build/component/recipe.ts';

/** It asks for nothing but memory and a port. */
const SETTINGS = { capabilities: [], noNewPrivileges: true };

/** The Redis server, in the foreground, logging to its standard output, saving to /var/lib/redis. */
export const recipe: Recipe = {
  name: 'redis',
  packages: ['redis-server'],
  // Users, init scripts and the old ciphers of OpenSSL: nothing that the server asks for.
  assume: ['adduser', 'debconf', 'init-system-helpers', 'openssl-provider-legacy'],
  keep: [
    'usr/bin/redis-cli',
    // Debian's redis-server is a link to it: one program with several names.
    'usr/bin/redis-check-rdb',
    'usr/bin/redis-server',
    ...C_LIBRARY,
    ...libraries(
      'libatomic.so.1',
      'libcap.so.2',
      'libcrypto.so.3',
      'libgcc_s.so.1',
      'libjemalloc.so.2',
      'liblzf.so.1',
      'libm.so.6',
      'libssl.so.3',
      'libstdc++.so.6',
      'libsystemd.so.0',
      'libz.so.1',
      'libzstd.so.1',
    ),
  ],
  add: [...CONTAINER_FOLDERS, { type: 'directory', path: 'var/lib/redis', mode: 0o750 }],
  config: containerConfig({
    entrypoint: ['redis-server'],
    // A service of an appliance is there to be reached from outside; who must not reach it is the
    // business of the network, since this image cannot know a password.
    cmd: ['--bind', '0.0.0.0', '--protected-mode', 'no', '--dir', '/var/lib/redis'],
    workingDir: '/var/lib/redis',
    settings: SETTINGS,
  }),
};
