import {
  C_LIBRARY,
  containerConfig,
  CONTAINER_FOLDERS,
  libraries,
  type Recipe,
} from '../../build/component/recipe.ts';
import { appletLinks } from './applets.ts';

/** What a task has to do beyond that, its YAML says. */
const SETTINGS = { capabilities: [], noNewPrivileges: true };

/** A shell and small tools, for tasks that are a few lines of script and for looking around. */
export const recipe: Recipe = {
  name: 'busybox',
  packages: ['busybox'],
  assume: [],
  keep: ['usr/bin/busybox', ...C_LIBRARY, ...libraries('libresolv.so.2')],
  add: [...CONTAINER_FOLDERS, ...appletLinks()],
  config: containerConfig({
    entrypoint: [],
    cmd: ['/bin/sh'],
    settings: SETTINGS,
  }),
};
