/** Small trees, written as people think of them. */
import type { Tree, TreeNode } from '../../../../build/rootfs/tree.ts';

const META = { mode: 0o755, uid: 0, gid: 0, mtime: 0 };

export function file(text: string): TreeNode {
  return { ...META, type: 'file', data: { kind: 'bytes', bytes: Buffer.from(text) } };
}

export function directory(mode = 0o755): TreeNode {
  return { ...META, mode, type: 'directory' };
}

export function symlink(target: string): TreeNode {
  return { ...META, type: 'symlink', target };
}

export function hardlink(target: string): TreeNode {
  return { ...META, type: 'hardlink', target };
}

export function treeOf(nodes: Readonly<Record<string, TreeNode>>): Tree {
  return new Map(Object.entries(nodes));
}

/** Path → what a reader of the root filesystem would see there, sorted. */
export function show(tree: Tree): Readonly<Record<string, string>> {
  const lines: Record<string, string> = {};
  for (const [path, node] of [...tree].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (node.type === 'file' && node.data.kind === 'bytes') {
      lines[path] = Buffer.from(node.data.bytes).toString();
    } else if (node.type === 'symlink' || node.type === 'hardlink') {
      lines[path] = `${node.type} ${node.target}`;
    } else lines[path] = node.type;
  }
  return lines;
}
