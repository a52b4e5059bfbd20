import {
  C_LIBRARY,
  containerConfig,
  CONTAINER_FOLDERS,
  DEBIAN_SYSTEM,
  libraries,
  type Recipe,
} from '../../build/component/recipe.ts';
import { appletLinks } from '../busybox/applets.ts';

/** What is mounted below /var is there for the machine, too, because its mounts are shared. */
const SETTINGS = {
  readonly: true,
  capabilities: ['CAP_SYS_ADMIN', 'CAP_SYS_MODULE'],
  rootfsPropagation: 'shared',
  binds: ['/dev:/dev', '/var:/var:rshared,rbind', '/lib/modules:/lib/modules:ro'],
  devices: [{ path: 'all', type: 'b' }],
};

/**
 * Mounts a file system for the whole machine: `mountie [-label NAME | -uuid UUID | -device DEVICE] [-options O]
 * DIRECTORY`, below `/var`. Without a choice it is the first that is on a disk and not mounted.
 */
export const recipe: Recipe = {
  name: 'mount',
  packages: ['util-linux', 'busybox'],
  assume: [...DEBIAN_SYSTEM, 'libpam-modules', 'libpam-runtime', 'libpam0g'],
  keep: [
    'usr/sbin/blkid',
    'usr/bin/busybox',
    ...C_LIBRARY,
    ...libraries('libblkid.so.1', 'libresolv.so.2'),
  ],
  add: [
    ...CONTAINER_FOLDERS,
    ...appletLinks(['grep', 'mkdir', 'modprobe', 'mount', 'sh', 'sleep']),
    { type: 'file', path: 'usr/bin/mountie', source: 'mountie.sh', mode: 0o755 },
  ],
  config: containerConfig({
    entrypoint: ['/usr/bin/mountie'],
    settings: SETTINGS,
  }),
};
