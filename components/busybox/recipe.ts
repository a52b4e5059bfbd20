import {
  C_LIBRARY,
  CONTAINER_FOLDERS,
  DEFAULT_PATH,
  libraries,
  type Recipe,
} from '../../build/component/recipe.ts';
import { appletLinks } from './applets.ts';

/** A shell and small tools, for tasks that are a few lines of script and for looking around. */
export const recipe: Recipe = {
  name: 'busybox',
  packages: ['busybox'],
  assume: [],
  keep: ['usr/bin/busybox', ...C_LIBRARY, ...libraries('libresolv.so.2')],
  add: [...CONTAINER_FOLDERS, ...appletLinks()],
  config: {
    entrypoint: [],
    cmd: ['/bin/sh'],
    env: [DEFAULT_PATH],
    workingDir: '',
    stopSignal: '',
    labels: {},
  },
};
