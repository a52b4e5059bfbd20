import { C_LIBRARY, OWN_PROGRAM_LIBRARIES, type Recipe } from '../../build/component/recipe.ts';

/** PID 1 and the libraries that it is linked with; `ishmael` is the same file by the name people type. */
export const recipe: Recipe = {
  name: 'init',
  packages: ['libatomic1', 'libc6', 'libgcc-s1', 'libstdc++6'],
  assume: [],
  keep: [...C_LIBRARY, ...OWN_PROGRAM_LIBRARIES],
  add: [{ type: 'symlink', path: 'usr/bin/ishmael', target: '/init' }],
  program: { path: 'init', build: 'ishmael-init' },
  config: { entrypoint: [], cmd: [], env: [], workingDir: '', stopSignal: '', labels: {} },
};
