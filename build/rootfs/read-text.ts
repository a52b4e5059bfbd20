import { readFileData } from './file-data.ts';
import { resolvePath } from './resolve.ts';
import type { Tree } from './tree.ts';

/** A file of a tree as UTF-8, links followed; `undefined` when the tree has no such file. */
export async function readText(tree: Tree, path: string): Promise<string | undefined> {
  const resolved = resolvePath(tree, path, 'all');
  let node = resolved === undefined ? undefined : tree.get(resolved);
  if (node?.type === 'hardlink') node = tree.get(node.target);
  return node?.type === 'file'
    ? new TextDecoder().decode(await readFileData(node.data))
    : undefined;
}
