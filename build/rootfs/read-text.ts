/** The contents of a file of a tree, wherever they lie. */
import { open, readFile } from 'node:fs/promises';
import { resolvePath } from './resolve.ts';
import type { FileData, Tree } from './tree.ts';

/** As UTF-8, links followed; `undefined` when the tree has no such file. */
export async function readText(tree: Tree, path: string): Promise<string | undefined> {
  const resolved = resolvePath(tree, path, 'all');
  let node = resolved === undefined ? undefined : tree.get(resolved);
  if (node?.type === 'hardlink') node = tree.get(node.target);
  return node?.type === 'file' ? (await readData(node.data)).toString('utf8') : undefined;
}

async function readData(data: FileData): Promise<Buffer> {
  switch (data.kind) {
    case 'bytes':
      return Buffer.from(data.bytes);
    case 'host-file':
      return readFile(data.path);
    case 'host-range': {
      await using file = await open(data.path);
      const { buffer } = await file.read(Buffer.alloc(data.size), 0, data.size, data.offset);
      return buffer;
    }
  }
}
