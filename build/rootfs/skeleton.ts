/**
 * What every root has, whatever images make it up. Pure.
 */
import type { NodeMeta, Tree } from './tree.ts';

/** Mount points of PID 1's boot plan, and what it needs before it has mounted anything. */
const DIRECTORIES: readonly string[] = 'dev proc sys run tmp var mnt etc etc/ishmael images'.split(
  ' ',
);

const META: NodeMeta = { mode: 0o755, uid: 0, gid: 0, mtime: 0 };

/** The kernel opens /dev/console for PID 1's standard streams before devtmpfs is mounted. */
export function rootSkeleton(): Tree {
  const tree: Tree = new Map();
  for (const path of DIRECTORIES) tree.set(path, { ...META, type: 'directory' });
  const device = { ...META, type: 'character-device' } as const;
  tree.set('dev/console', { ...device, mode: 0o600, major: 5, minor: 1 });
  tree.set('dev/null', { ...device, mode: 0o666, major: 1, minor: 3 });
  // The root is read-only; name servers come at run time (init/boot/steps/resolv-conf.ts).
  const target = '/run/resolvconf/resolv.conf';
  tree.set('etc/resolv.conf', { ...META, mode: 0o777, type: 'symlink', target });
  return tree;
}
