import { C_LIBRARY, type Recipe } from '../../build/component/recipe.ts';

/**
 * containerd, which PID 1 runs as a system service, and its shim. Part of the root filesystem, beside an OCI
 * runtime (ishmael/runc or ishmael/crun), which the shim calls.
 */
export const recipe: Recipe = {
  name: 'containerd',
  packages: ['containerd'],
  // An OCI runtime is another image's; the rest is for a Debian system.
  assume: ['runc', 'tini', 'init-system-helpers', 'debconf', 'adduser'],
  keep: ['usr/bin/containerd', 'usr/bin/containerd-shim-runc-v2', ...C_LIBRARY],
  add: [],
  config: { entrypoint: [], cmd: [], env: [], workingDir: '', stopSignal: '', labels: {} },
};
