import { C_LIBRARY, libraries, type Recipe } from '../../build/component/recipe.ts';

/** PID 1 and the libraries that it is linked with; `ishmael` is the same file by the name people type. */
export const recipe: Recipe = {
  name: 'init',
  packages: ['libatomic1', 'libc6', 'libgcc-s1', 'libstdc++6'],
  assume: [],
  keep: [
    ...C_LIBRARY,
    ...libraries(
      'libatomic.so.1',
      'libdl.so.2',
      'libgcc_s.so.1',
      'libm.so.6',
      'libpthread.so.0',
      'libstdc++.so.6',
    ),
  ],
  add: [{ type: 'symlink', path: 'usr/bin/ishmael', target: '/init' }],
  program: { path: 'init', build: 'ishmael-init' },
  config: { entrypoint: [], cmd: [], env: [], workingDir: '', stopSignal: '', labels: {} },
};
