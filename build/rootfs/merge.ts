/**
 * Laying one tree over another. Pure. Two rules decide everything: the later tree wins, and
 * directories merge. What "a directory over a link to a directory" means differs between root
 * filesystems (follow it: `lib` → `usr/lib`) and OCI layers (replace it), so it is an argument.
 */
import { parentPath, joinPath } from './path.ts';
import { resolvePath } from './resolve.ts';
import type { Tree, TreeNode } from './tree.ts';

export type DirectoryOverLink = 'follow' | 'replace';

/**
 * One root filesystem from several. Nodes are shared with the inputs, the maps are not. A later tree's
 * `lib/x` lands in `usr/lib/x` when an earlier tree has `lib` → `usr/lib`; in the reverse order the
 * earlier tree's files move to where the link points, so that no order loses a file.
 */
export function mergeTrees(...trees: readonly Tree[]): Tree {
  const merged: Tree = new Map();
  for (const tree of trees) overlay(merged, tree, 'follow');
  return merged;
}

/** Lays `upper` over `base`, in place. */
export function overlay(base: Tree, upper: Tree, directoryOverLink: DirectoryOverLink): void {
  const linked = hardlinksByTarget(base);
  // Parents before children; hard links last, when their targets are in place.
  const paths = [...upper.keys()].sort();
  const links: string[] = [];
  for (const path of paths) {
    const node = upper.get(path);
    if (node === undefined) continue;
    if (node.type === 'hardlink') links.push(path);
    else place(base, linked, path, node, directoryOverLink);
  }
  for (const path of links) {
    const node = upper.get(path);
    if (node?.type !== 'hardlink') continue;
    const target = linkTarget(base, upper, node.target);
    const named = base.get(target);
    // Another name of a device or a link is as good as a second one; only contents are shared.
    const isShared = named === undefined || named.type === 'file' || named.type === 'directory';
    const placed: TreeNode = isShared ? { ...node, target } : named;
    const at = place(base, linked, path, placed, directoryOverLink);
    if (at !== undefined && isShared) linked.set(target, [...(linked.get(target) ?? []), at]);
  }
}

/** The file itself, where a hard link is to another hard link: of this layer, or of one below. */
function linkTarget(base: Tree, upper: Tree, wanted: string): string {
  let target = wanted;
  for (let step = 0; step < upper.size; step += 1) {
    const next = upper.get(target);
    if (next?.type !== 'hardlink') break;
    target = next.target;
  }
  target = resolvePath(base, target) ?? target;
  const below = base.get(target);
  return below?.type === 'hardlink' ? below.target : target;
}

/**
 * Removes nodes with everything under them, and empties directories. One pass, however many: a layer may
 * remove thousands. A hard link elsewhere to a removed file keeps the contents.
 */
export function removePaths(
  tree: Tree,
  removed: ReadonlySet<string>,
  emptied: ReadonlySet<string>,
): void {
  if (removed.size + emptied.size === 0) return;
  const linked = hardlinksByTarget(tree);
  for (const path of tree.keys()) {
    if (removed.has(path) || isInside(path, removed) || isInside(path, emptied)) {
      removeNode(tree, linked, path);
    }
  }
}

function isInside(path: string, directories: ReadonlySet<string>): boolean {
  if (path === '') return false;
  for (let up = parentPath(path); up !== ''; up = parentPath(up)) {
    if (directories.has(up)) return true;
  }
  return directories.has('');
}

/** The paths strictly below a directory. */
function subtree(tree: Tree, directory: string): readonly string[] {
  const prefix = directory === '' ? '' : `${directory}/`;
  return [...tree.keys()].filter((path) => path !== directory && path.startsWith(prefix));
}

type HardlinksByTarget = Map<string, readonly string[]>;

function place(
  base: Tree,
  linked: HardlinksByTarget,
  wanted: string,
  node: TreeNode,
  directoryOverLink: DirectoryOverLink,
): string | undefined {
  const path = resolvePath(base, wanted);
  // A loop among the base's links: there is no place for this node, and the guest could not reach it.
  if (path === undefined) return undefined;
  makeParents(base, linked, path);
  const existing = base.get(path);
  if (existing?.type === 'directory') {
    if (node.type === 'symlink' && directoryOverLink === 'follow') {
      moveUnderLink(base, linked, path, node);
      return path;
    }
    if (node.type !== 'directory') {
      for (const inside of subtree(base, path)) removeNode(base, linked, inside);
    }
  }
  if (
    existing?.type === 'symlink' &&
    node.type === 'directory' &&
    directoryOverLink === 'follow' &&
    pointsAtDirectory(base, path)
  ) {
    return path;
  }
  removeNode(base, linked, path);
  base.set(path, node);
  return path;
}

/** `lib/` with files becomes the link `lib` → `usr/lib`: its files go where the link leads. */
function moveUnderLink(base: Tree, linked: HardlinksByTarget, path: string, link: TreeNode): void {
  const moved: Tree = new Map();
  for (const inside of subtree(base, path)) {
    const node = base.get(inside);
    if (node !== undefined) moved.set(inside, node);
    base.delete(inside);
  }
  base.set(path, link);
  for (const [inside, node] of [...moved].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const target = resolvePath(base, inside);
    // The link's own side is the later tree: what already lies there wins.
    if (target !== undefined && !base.has(target)) place(base, linked, inside, node, 'follow');
  }
}

function pointsAtDirectory(tree: Tree, path: string): boolean {
  const target = resolvePath(tree, path, 'all');
  if (target === undefined) return false;
  if (target === '') return true;
  const node = tree.get(target);
  return node === undefined || node.type === 'directory';
}

/** Archives may leave directories out; a tree may not. */
function makeParents(base: Tree, linked: HardlinksByTarget, path: string): void {
  if (path === '') return;
  let directory = '';
  for (const part of parentPath(path).split('/')) {
    if (part === '') continue;
    directory = joinPath(directory, part);
    if (base.get(directory)?.type === 'directory') continue;
    removeNode(base, linked, directory);
    base.set(directory, { type: 'directory', mode: 0o755, uid: 0, gid: 0, mtime: 0 });
  }
}

/** Takes one node out; when hard links name it, the first of them becomes the file. */
function removeNode(tree: Tree, linked: HardlinksByTarget, path: string): void {
  const node = tree.get(path);
  tree.delete(path);
  const links = (linked.get(path) ?? []).filter((link) => tree.get(link)?.type === 'hardlink');
  linked.delete(path);
  const [heir, ...others] = links;
  if (node?.type !== 'file' || heir === undefined) return;
  tree.set(heir, node);
  for (const other of others) tree.set(other, { ...node, type: 'hardlink', target: heir });
  linked.set(heir, others);
}

function hardlinksByTarget(tree: Tree): HardlinksByTarget {
  const linked = new Map<string, readonly string[]>();
  for (const [path, node] of tree) {
    if (node.type !== 'hardlink') continue;
    linked.set(node.target, [...(linked.get(node.target) ?? []), path]);
  }
  return linked;
}
