import {
  C_LIBRARY,
  containerConfig,
  CONTAINER_FOLDERS,
  type Recipe,
} from '../../build/component/recipe.ts';

/** Everything that it keeps is in /var/lib/etcd: bind a disk there. */
const SETTINGS = {
  readonly: true,
  capabilities: [],
  tmpfs: ['/tmp'],
  binds: ['/var/lib/etcd:/var/lib/etcd'],
};

/**
 * The key-value store, alone and for clients of any machine. A cluster, or certificates, are said in its command
 * or its `ETCD_…` variables.
 */
export const recipe: Recipe = {
  name: 'etcd',
  packages: ['etcd-server'],
  assume: ['adduser', 'debconf', 'init-system-helpers'],
  keep: ['usr/bin/etcd', ...C_LIBRARY],
  add: [...CONTAINER_FOLDERS, { type: 'directory', path: 'var/lib/etcd', mode: 0o700 }],
  config: containerConfig({
    entrypoint: ['etcd', '--data-dir', '/var/lib/etcd'],
    cmd: [
      '--listen-client-urls',
      'http://0.0.0.0:2379',
      '--advertise-client-urls',
      'http://127.0.0.1:2379',
      // Its own word for these is "localhost", which a container without /etc/hosts does not know.
      '--listen-peer-urls',
      'http://127.0.0.1:2380',
      '--initial-advertise-peer-urls',
      'http://127.0.0.1:2380',
      '--initial-cluster',
      'default=http://127.0.0.1:2380',
    ],
    settings: SETTINGS,
  }),
};
