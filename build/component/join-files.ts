/** What a package's maintainer script would put together of the files in it: the bundle of certificates. */
import { posix } from 'node:path';
import { overlay } from '../rootfs/merge.ts';
import { readFileData } from '../rootfs/file-data.ts';
import type { Tree } from '../rootfs/tree.ts';
import type { Recipe } from './recipe.ts';
import { RecipeError } from './select.ts';

/** `tree` with the recipe's `joined` file, made of files of the unpacked packages. */
export async function joinFiles(
  tree: Tree,
  unpacked: Tree,
  { name, joined }: Pick<Recipe, 'name' | 'joined'>,
): Promise<Tree> {
  if (joined === undefined) return tree;
  const parts: Uint8Array[] = [];
  for (const path of [...unpacked.keys()].toSorted()) {
    const node = unpacked.get(path);
    if (node?.type !== 'file' || !posix.matchesGlob(path, joined.of)) continue;
    parts.push(await readFileData(node.data));
  }
  if (parts.length === 0) {
    throw new RecipeError(`ishmael/${name}: no file of its packages matches ${joined.of}`);
  }
  const data = { kind: 'bytes', bytes: Buffer.concat(parts) } as const;
  const file: Tree = new Map([
    [joined.path, { type: 'file', data, mode: 0o644, uid: 0, gid: 0, mtime: 0 }],
  ]);
  const result: Tree = new Map(tree);
  overlay(result, file, 'follow');
  return result;
}
