/**
 * OCI image layers applied in order (image-spec, layer.md): a `.wh.NAME` entry removes NAME of the
 * layers below, `.wh..wh..opq` hides everything its directory had. Pure.
 */
import { overlay, removePaths } from './merge.ts';
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
  const [removed, emptied] = [new Set<string>(), new Set<string>()];
  for (const [path, node] of layer) {
    const name = baseName(path);
    const directory = parentPath(path);
    if (name === OPAQUE) addResolved(emptied, root, directory);
    else if (name.startsWith(WHITEOUT)) {
      const gone = name.slice(WHITEOUT.length);
      // `.wh...` would name `..`: not a file, and nothing to remove.
      if (gone !== '' && gone !== '.' && gone !== '..') {
        addResolved(removed, root, joinPath(directory, gone));
      }
    } else contents.set(path, node);
  }
  removePaths(root, removed, emptied);
  overlay(root, contents, 'replace');
}

function addResolved(paths: Set<string>, root: Tree, path: string): void {
  const at = resolvePath(root, path);
  if (at !== undefined) paths.add(at);
}
