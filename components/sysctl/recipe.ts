import {
  C_LIBRARY,
  containerConfig,
  CONTAINER_FOLDERS,
  DEBIAN_SYSTEM,
  libraries,
  type Recipe,
} from '../../build/component/recipe.ts';

/** /proc/sys is the machine's, and can be written with the capability that could undo what hides it. */
const SETTINGS = {
  readonly: true,
  pid: 'host',
  capabilities: ['CAP_SYS_ADMIN', 'CAP_NET_ADMIN'],
  binds: ['/etc/sysctl.d:/etc/sysctl.d:ro'],
};

/**
 * Sets variables of the kernel from the files in `/etc/sysctl.d`, see sysctl.d(5), and ends. What the kernel
 * refuses fails the task.
 */
export const recipe: Recipe = {
  name: 'sysctl',
  packages: ['procps'],
  assume: DEBIAN_SYSTEM,
  keep: ['usr/sbin/sysctl', ...C_LIBRARY, ...libraries('libproc2.so.0')],
  add: [...CONTAINER_FOLDERS],
  config: containerConfig({
    entrypoint: ['sysctl', '--system'],
    settings: SETTINGS,
  }),
};
