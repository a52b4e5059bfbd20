/**
 * From unpacked packages to the files of an image: what the recipe keeps, in the merged-/usr layout, with
 * owners, modes and times that do not depend on who unpacked them or when. Pure.
 */
import { posix } from 'node:path';
import { overlay } from '../rootfs/merge.ts';
import { normalisePath, parentPath } from '../rootfs/path.ts';
import type { FileData, NodeMeta, Tree, TreeNode } from '../rootfs/tree.ts';
import type { Addition, Recipe } from './recipe.ts';

const MERGED = ['bin', 'lib', 'lib64', 'sbin'];

/** A recipe that names something the packages do not have. */
export class RecipeError extends Error {
  override readonly name = 'RecipeError';
}

/** The image's tree. `sources` has the contents of the files beside the recipe. */
export function selectTree(recipe: Pick<Recipe, 'name' | 'keep'>, unpacked: Tree): Tree {
  const kept: Tree = new Map();
  const unused = new Set(recipe.keep);
  for (const [name, node] of unpacked) {
    const path = mergedPath(name);
    if (node.type === 'directory') continue;
    const globs = recipe.keep.filter((glob) => posix.matchesGlob(path, glob));
    for (const glob of globs) unused.delete(glob);
    if (globs.length > 0) kept.set(path, normaliseNode(node));
  }
  if (unused.size > 0) {
    // A library that moved or was renamed must stop the build, not the machine.
    throw new RecipeError(
      `ishmael/${recipe.name}: no file of its packages matches ${[...unused].join(', ')}`,
    );
  }
  return withDirectories(kept);
}

/** The recipe's own files on top, then the links of merged /usr for the folders that there are. */
export function addFiles(
  tree: Tree,
  { add, splitUsr }: Pick<Recipe, 'add' | 'splitUsr'>,
  sources: ReadonlyMap<string, FileData>,
): Tree {
  const added: Tree = new Map();
  for (const addition of add) {
    const path = normalisePath(addition.path);
    added.set(splitUsr ? path : mergedPath(path), additionNode(addition, sources));
  }
  const result: Tree = new Map(tree);
  overlay(result, added, 'follow');
  if (splitUsr) linkLoader(result);
  else linkFolders(result);
  return result;
}

function linkFolders(tree: Tree): void {
  for (const name of MERGED) {
    if (tree.has(`usr/${name}`)) {
      tree.set(name, { ...meta(0o777), type: 'symlink', target: `usr/${name}` });
    }
  }
}

/** Programs name their loader by a path outside of /usr. */
function linkLoader(tree: Tree): void {
  const found = [...tree.keys()].filter((path) => /^usr\/lib(?:64)?\/ld-linux[^/]*$/.test(path));
  for (const path of found) {
    const loader = path.slice('usr/'.length);
    tree.set(parentPath(loader), { ...meta(0o755), type: 'directory' });
    tree.set(loader, { ...meta(0o777), type: 'symlink', target: `/${path}` });
  }
}

/** `lib/x` → `usr/lib/x`: images must agree on one layout or their trees would not merge. */
function mergedPath(path: string): string {
  const first = path.split('/', 1)[0] ?? '';
  return MERGED.includes(first) ? `usr/${path}` : path;
}

function additionNode(addition: Addition, sources: ReadonlyMap<string, FileData>): TreeNode {
  switch (addition.type) {
    case 'directory':
      return { ...meta(addition.mode ?? 0o755), type: 'directory' };
    case 'symlink':
      return { ...meta(0o777), type: 'symlink', target: addition.target };
    case 'file': {
      const data = sources.get(addition.source);
      if (data === undefined) throw new RecipeError(`No file ${addition.source} beside the recipe`);
      return { ...meta(addition.mode ?? 0o644), type: 'file', data };
    }
  }
}

/** Root owns everything, and only the executable bit survives: no component needs a setuid program. */
function normaliseNode(node: TreeNode): TreeNode {
  switch (node.type) {
    case 'file':
      return { ...node, ...meta((node.mode & 0o111) === 0 ? 0o644 : 0o755) };
    case 'symlink':
      return { ...node, ...meta(0o777) };
    case 'hardlink':
      return { ...node, ...meta(node.mode), target: mergedPath(node.target) };
    default:
      return { ...node, ...meta(node.mode) };
  }
}

function withDirectories(files: Tree): Tree {
  const tree: Tree = new Map(files);
  for (const path of files.keys()) {
    for (let up = parentPath(path); up !== '' && !tree.has(up); up = parentPath(up)) {
      tree.set(up, { ...meta(0o755), type: 'directory' });
    }
  }
  return tree;
}

function meta(mode: number): NodeMeta {
  return { mode, uid: 0, gid: 0, mtime: 0 };
}
