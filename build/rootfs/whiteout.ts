/**
 * OCI image layers applied in order (image-spec, layer.md): a `.wh.NAME` entry removes NAME of the
 * layers below, `.wh..wh..opq` hides everything its directory had. Pure.
 */
import { emptyDirectory, overlay, removeSubtree } from './merge.ts';
import { baseName, joinPath, parentPath } from './path.ts';
import { resolvePath } from './resolve.ts';
import type { Tree } from './tree.ts';

const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';

/** The tree of all layers, lowest first. */
export function applyLayers(layers: readonly Tree[]): Tree {
  const root: Tree = new Map();
  for (const layer of layers) applyLayer(root, layer);
  return root;
}

/** Applies one layer to the tree of those below it, in place. Its whiteouts never reach its own files. */
export function applyLayer(root: Tree, layer: Tree): void {
  const contents: Tree = new Map();
  for (const [path, node] of layer) {
    const name = baseName(path);
    const directory = parentPath(path);
    if (name === OPAQUE) hideDirectory(root, directory);
    else if (name.startsWith(WHITEOUT)) remove(root, directory, name.slice(WHITEOUT.length));
    else contents.set(path, node);
  }
  overlay(root, contents, 'replace');
}

function hideDirectory(root: Tree, directory: string): void {
  const at = resolvePath(root, directory);
  if (at !== undefined) emptyDirectory(root, at);
}

function remove(root: Tree, directory: string, name: string): void {
  // `.wh...` would name `..`: not a file, and nothing to remove.
  if (name === '' || name === '.' || name === '..') return;
  const at = resolvePath(root, joinPath(directory, name));
  if (at !== undefined) removeSubtree(root, at);
}
