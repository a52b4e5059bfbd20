import {
  C_LIBRARY,
  containerConfig,
  CONTAINER_FOLDERS,
  libraries,
  type Recipe,
} from '../../build/component/recipe.ts';
import { appletLinks } from '../busybox/applets.ts';

/** `/dev/loop-control`, and the loop devices that it makes. */
const SETTINGS = {
  readonly: true,
  capabilities: ['CAP_SYS_ADMIN', 'CAP_SYS_MODULE'],
  binds: ['/dev:/dev', '/var:/var:rslave,rbind', '/lib/modules:/lib/modules:ro'],
  devices: [{ path: 'all', type: 'b' }],
  resources: { devices: [{ allow: true, type: 'c', major: 10, minor: 237 }] },
};

/** Makes a file below `/var` a block device: `loopy [--create] [--size MIB] [--dev /dev/loop0] FILE`. */
export const recipe: Recipe = {
  name: 'losetup',
  packages: ['busybox'],
  assume: [],
  keep: ['usr/bin/busybox', ...C_LIBRARY, ...libraries('libresolv.so.2')],
  add: [
    ...CONTAINER_FOLDERS,
    ...appletLinks(['losetup', 'modprobe', 'sh', 'truncate']),
    { type: 'file', path: 'usr/bin/loopy', source: 'loopy.sh', mode: 0o755 },
  ],
  config: containerConfig({
    entrypoint: ['/usr/bin/loopy'],
    settings: SETTINGS,
  }),
};
