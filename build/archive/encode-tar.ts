/**
 * A tree as a tar archive (ustar, with PAX headers where that is not enough). Pure apart from the reader
 * it is handed: same tree, same bytes.
 */
import type { FileData, Tree, TreeNode } from '../rootfs/tree.ts';
import { encodeEntry, END_OF_ARCHIVE, padding } from '../../supervisor/tar/encode-entry.ts';
import type { PaxRecord } from '../../supervisor/tar/pax.ts';
import type { TarHeader } from '../../supervisor/tar/tar-header.ts';

const TYPES: Record<TreeNode['type'], string> = {
  file: '0',
  hardlink: '1',
  symlink: '2',
  'character-device': '3',
  'block-device': '4',
  directory: '5',
  fifo: '6',
};

export interface TarOptions {
  /** The contents of a file; called once per file, in order. */
  readonly read: (data: FileData) => AsyncIterable<Uint8Array>;
  readonly size: (data: FileData) => number;
  /** Further PAX records of an entry. */
  readonly records?: (path: string) => Readonly<Record<string, string>>;
}

/** Parents before children, hard links after everything else: a reader may want their target in place. */
export async function* encodeTar(tree: Tree, options: TarOptions): AsyncGenerator<Uint8Array> {
  const sorted = [...tree].filter(([path]) => path !== '').toSorted(([a], [b]) => (a < b ? -1 : 1));
  const links = sorted.filter(([, node]) => node.type === 'hardlink');
  for (const [path, node] of [...sorted.filter(([, { type }]) => type !== 'hardlink'), ...links]) {
    yield* encodeNode(path, node, options);
  }
  yield END_OF_ARCHIVE;
}

async function* encodeNode(
  path: string,
  node: TreeNode,
  options: TarOptions,
): AsyncGenerator<Uint8Array> {
  const header = headerOf(path, node, options);
  yield encodeEntry(header, recordsOf(node, options.records?.(path) ?? {}));
  if (node.type !== 'file') return;
  yield* options.read(node.data);
  yield padding(header.size);
}

function headerOf(path: string, node: TreeNode, { size }: TarOptions): TarHeader {
  return {
    name: node.type === 'directory' ? `${path}/` : path,
    mode: node.mode,
    uid: node.uid,
    gid: node.gid,
    size: node.type === 'file' ? size(node.data) : 0,
    mtime: node.mtime,
    type: TYPES[node.type],
    linkname: 'target' in node ? node.target : '',
    major: 'major' in node ? node.major : 0,
    minor: 'major' in node ? node.minor : 0,
  };
}

function recordsOf(node: TreeNode, more: Readonly<Record<string, string>>): readonly PaxRecord[] {
  const attributes = Object.entries(node.xattrs ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    ...Object.entries(more).map(([key, value]): PaxRecord => [key, Buffer.from(value)]),
    ...attributes.map(([key, value]): PaxRecord => [
      `SCHILY.xattr.${key}`,
      Buffer.from(value, 'base64'),
    ]),
  ];
}
