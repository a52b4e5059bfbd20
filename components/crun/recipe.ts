import { C_LIBRARY, libraries, type Recipe } from '../../build/component/recipe.ts';

/** The OCI runtime in C: same command line as runc, a third of its time to start a container. */
export const recipe: Recipe = {
  name: 'crun',
  packages: ['crun'],
  assume: [],
  keep: [
    'usr/bin/crun',
    ...C_LIBRARY,
    ...libraries('libcap.so.2', 'libm.so.6', 'libseccomp.so.2', 'libsystemd.so.0', 'libyajl.so.2'),
  ],
  add: [],
  config: { entrypoint: [], cmd: [], env: [], workingDir: '', stopSignal: '', labels: {} },
};
