import {
  C_LIBRARY,
  containerConfig,
  CONTAINER_FOLDERS,
  libraries,
  type Recipe,
} from '../../build/component/recipe.ts';
import { appletLinks } from '../busybox/applets.ts';

const SETTINGS = {
  readonly: true,
  capabilities: ['CAP_SYS_ADMIN'],
  // The profile that others have forbids swapon(2), whatever the capabilities.
  seccomp: 'unconfined',
  binds: ['/var:/var:rslave,rbind'],
};

/**
 * Makes a file for what is swapped out, once, and uses it: `swap --path FILE --size 1G`, below `/var`, on a file
 * system that is on a disk.
 */
export const recipe: Recipe = {
  name: 'swap',
  packages: ['busybox'],
  assume: [],
  keep: ['usr/bin/busybox', ...C_LIBRARY, ...libraries('libresolv.so.2')],
  add: [
    ...CONTAINER_FOLDERS,
    ...appletLinks(['chmod', 'dd', 'fallocate', 'mkswap', 'mv', 'rm', 'sh', 'stat', 'swapon']),
    { type: 'file', path: 'usr/bin/swap', source: 'swap.sh', mode: 0o755 },
    { type: 'symlink', path: 'swap.sh', target: 'usr/bin/swap' },
  ],
  config: containerConfig({
    entrypoint: ['/usr/bin/swap'],
    settings: SETTINGS,
  }),
};
