import {
  C_LIBRARY,
  CONTAINER_FOLDERS,
  DEFAULT_PATH,
  libraries,
  type Recipe,
} from '../../build/component/recipe.ts';
import { appletLinks } from '../busybox/applets.ts';

/**
 * `wg`, and busybox for the addresses and routes around it. The interface is the kernel's, made by `runtime.interfaces`;
 * what it needs is `CAP_NET_ADMIN` in its namespace.
 */
export const recipe: Recipe = {
  name: 'wireguard',
  packages: ['wireguard-tools', 'busybox'],
  assume: [],
  keep: ['usr/bin/wg', 'usr/bin/busybox', ...C_LIBRARY, ...libraries('libresolv.so.2')],
  add: [...CONTAINER_FOLDERS, ...appletLinks()],
  config: {
    entrypoint: [],
    cmd: ['wg', 'show'],
    env: [DEFAULT_PATH],
    workingDir: '',
    stopSignal: '',
    labels: { 'org.mobyproject.config': '{"capabilities": ["CAP_NET_ADMIN"]}' },
  },
};
