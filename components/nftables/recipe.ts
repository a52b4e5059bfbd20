import {
  C_LIBRARY,
  containerConfig,
  CONTAINER_FOLDERS,
  DEBIAN_SYSTEM,
  libraries,
  type Recipe,
} from '../../build/component/recipe.ts';
import { appletLinks } from '../busybox/applets.ts';

const SETTINGS = {
  readonly: true,
  capabilities: ['CAP_NET_ADMIN', 'CAP_SYS_MODULE'],
  binds: ['/etc/nftables.conf:/etc/nftables.conf:ro', '/lib/modules:/lib/modules:ro'],
};

/**
 * Loads the firewall in `/etc/nftables.conf`, all of it or nothing, and ends. It loads the modules of nftables
 * that the kernel has.
 */
export const recipe: Recipe = {
  name: 'nftables',
  packages: ['nftables', 'busybox'],
  assume: DEBIAN_SYSTEM,
  keep: [
    'usr/sbin/nft',
    'usr/bin/busybox',
    ...C_LIBRARY,
    ...libraries(
      'libbsd.so.0',
      'libedit.so.2',
      'libgmp.so.10',
      'libjansson.so.4',
      'libmd.so.0',
      'libmnl.so.0',
      'libnftables.so.1',
      'libnftnl.so.11',
      'libresolv.so.2',
      'libtinfo.so.6',
      'libxtables.so.12',
    ),
  ],
  add: [
    ...CONTAINER_FOLDERS,
    ...appletLinks(['modprobe', 'sh']),
    { type: 'file', path: 'usr/bin/firewall', source: 'firewall.sh', mode: 0o755 },
  ],
  config: containerConfig({
    entrypoint: ['firewall'],
    settings: SETTINGS,
  }),
};
