import {
  containerConfig,
  CONTAINER_FOLDERS,
  OWN_PROGRAM_BINDS,
  OWN_PROGRAM_FOLDERS,
  type Recipe,
} from '../../build/component/recipe.ts';

/** It reads disks without mounting them, asks servers, and names the machine, which is what CAP_SYS_ADMIN is for. */
const SETTINGS = {
  readonly: true,
  capabilities: ['CAP_SYS_ADMIN'],
  binds: [...OWN_PROGRAM_BINDS, '/dev:/dev', '/run/config:/run/config'],
  devices: [{ path: 'all', type: 'b' }],
};

/**
 * What a cloud or a disk with the label `cidata` has to tell the machine, in /run/config as LinuxKit lays it out: a task.
 * The program is the machine's own.
 */
export const recipe: Recipe = {
  name: 'metadata',
  packages: [],
  assume: [],
  keep: [],
  add: [
    ...CONTAINER_FOLDERS,
    ...OWN_PROGRAM_FOLDERS,
    { type: 'symlink', path: 'usr/bin/metadata', target: '/init' },
  ],
  config: containerConfig({
    entrypoint: ['/usr/bin/metadata'],
    env: [],
    settings: SETTINGS,
  }),
};
