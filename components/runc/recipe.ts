import { C_LIBRARY, libraries, type Recipe } from '../../build/component/recipe.ts';

/** The OCI runtime of the reference implementation. Part of the root filesystem, never run as a container. */
export const recipe: Recipe = {
  name: 'runc',
  packages: ['runc'],
  assume: [],
  keep: ['usr/bin/runc', 'usr/sbin/runc', ...C_LIBRARY, ...libraries('libseccomp.so.2')],
  add: [],
  config: { entrypoint: [], cmd: [], env: [], workingDir: '', stopSignal: '', labels: {} },
};
