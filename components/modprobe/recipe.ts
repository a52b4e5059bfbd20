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
  capabilities: ['CAP_SYS_MODULE'],
  binds: ['/lib/modules:/lib/modules:ro'],
};

/**
 * Loads the kernel modules that its command names, with what they need: `command: [modprobe, -a, nbd, dummy]`. It is
 * busybox' modprobe, because kmod's wants binary indexes, which `kernel.tar` need not have.
 */
export const recipe: Recipe = {
  name: 'modprobe',
  packages: ['busybox'],
  assume: [],
  keep: ['usr/bin/busybox', ...C_LIBRARY, ...libraries('libresolv.so.2')],
  add: [...CONTAINER_FOLDERS, ...appletLinks(['modprobe'])],
  config: containerConfig({
    entrypoint: ['modprobe', '-a'],
    settings: SETTINGS,
  }),
};
