import type { Recipe } from '../../build/component/recipe.ts';
import { recipe as init } from '../init/recipe.ts';

/**
 * `ishmael/init` for an image that LinuxKit's own builder makes, where it takes the place of linuxkit/init
 * (docs/linuxkit.md): `ishmael images export ishmael/init` exports this one.
 */
export const recipe: Recipe = {
  ...init,
  name: 'linuxkit-init',
  splitUsr: true,
  add: [
    ...init.add,
    // A root that is no initramfs: the kernel looks for this one.
    { type: 'symlink', path: 'sbin/init', target: '/init' },
    { type: 'symlink', path: 'usr/bin/service', target: '/init' },
    // Mount points: not every such root can be written to.
    ...['mnt', 'run', 'tmp', 'var'].map((path) => ({ type: 'directory', path }) as const),
    { type: 'file', path: 'etc/issue', source: 'issue' },
  ],
};
