import { C_LIBRARY, type Recipe } from '../../build/component/recipe.ts';

/** containerd's own tool, for looking at it from inside the machine. Part of the root filesystem, not needed to run. */
export const recipe: Recipe = {
  name: 'ctr',
  packages: ['containerd'],
  assume: ['runc', 'tini', 'init-system-helpers', 'debconf', 'adduser'],
  keep: ['usr/bin/ctr', ...C_LIBRARY],
  add: [],
  config: { entrypoint: [], cmd: [], env: [], workingDir: '', stopSignal: '', labels: {} },
};
