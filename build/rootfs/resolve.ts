/**
 * Symbolic links inside a tree, followed as the guest's kernel would follow them with the tree as its
 * root. Pure; a link never leads out of the tree.
 */
import { joinPath } from './path.ts';
import type { Tree } from './tree.ts';

/** As Linux (MAXSYMLINKS). */
const MAX_LINKS = 40;

/**
 * Where `path` really is once the links among its directories are followed. The last part is followed
 * too when `follow` is 'all'. Parts that do not exist stay as they are. A loop resolves to `undefined`.
 */
export function resolvePath(
  tree: Tree,
  path: string,
  follow: 'parents' | 'all' = 'parents',
): string | undefined {
  let todo = path.split('/').filter((part) => part !== '');
  let done = '';
  let links = 0;
  for (let part = todo.shift(); part !== undefined; part = todo.shift()) {
    if (part === '.') continue;
    if (part === '..') {
      done = done.includes('/') ? done.slice(0, done.lastIndexOf('/')) : '';
      continue;
    }
    const here = joinPath(done, part);
    const node = tree.get(here);
    if (node?.type !== 'symlink' || (todo.length === 0 && follow === 'parents')) {
      done = here;
      continue;
    }
    links += 1;
    if (links > MAX_LINKS) return undefined;
    if (node.target.startsWith('/')) done = '';
    todo = [...node.target.split('/').filter((step) => step !== ''), ...todo];
  }
  return done;
}
