/**
 * A tree as a tar archive (ustar, with PAX headers where that is not enough). Pure apart from the reader
 * it is handed: same tree, same bytes. Names of users are left out, as no reader of ours would use them.
 */
import type { FileData, Tree, TreeNode } from '../rootfs/tree.ts';
import { encodePax, type PaxRecord } from './pax.ts';
import { BLOCK, encodeHeader, type TarHeader } from './tar-header.ts';

const TYPES: Record<TreeNode['type'], string> = {
  file: '0',
  hardlink: '1',
  symlink: '2',
  'character-device': '3',
  'block-device': '4',
  directory: '5',
  fifo: '6',
};

/** What seven and eleven octal digits hold. */
const LARGEST_ID = 0o7777777;
const LARGEST_SIZE = 0o77777777777;

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
    yield* encodeEntry(path, node, options);
  }
  yield Buffer.alloc(2 * BLOCK);
}

async function* encodeEntry(
  path: string,
  node: TreeNode,
  options: TarOptions,
): AsyncGenerator<Uint8Array> {
  const header = headerOf(path, node, options);
  const records = recordsOf(header, node, options.records?.(path) ?? {});
  if (records.length > 0) yield paxHeader(records);
  yield encodeHeader({
    ...header,
    name: fits(header.name) ? header.name : ascii(header.name),
    linkname: fits(header.linkname) ? header.linkname : ascii(header.linkname),
    size: header.size > LARGEST_SIZE ? 0 : header.size,
    uid: header.uid > LARGEST_ID ? 0 : header.uid,
    gid: header.gid > LARGEST_ID ? 0 : header.gid,
  });
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

function recordsOf(
  { name, linkname, size, uid, gid }: TarHeader,
  node: TreeNode,
  more: Readonly<Record<string, string>>,
): readonly PaxRecord[] {
  const record = (key: string, value: string | number, needed: boolean): readonly PaxRecord[] =>
    needed ? [[key, Buffer.from(String(value))]] : [];
  const attributes = Object.entries(node.xattrs ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    ...record('path', name, !fits(name)),
    ...record('linkpath', linkname, !fits(linkname)),
    ...record('size', size, size > LARGEST_SIZE),
    ...record('uid', uid, uid > LARGEST_ID),
    ...record('gid', gid, gid > LARGEST_ID),
    ...Object.entries(more).flatMap(([key, value]) => record(key, value, true)),
    ...attributes.map(([key, value]): PaxRecord => [
      `SCHILY.xattr.${key}`,
      Buffer.from(value, 'base64'),
    ]),
  ];
}

function paxHeader(records: readonly PaxRecord[]): Buffer {
  const body = encodePax(records);
  const header = encodeHeader({
    name: 'PaxHeader',
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: body.length,
    mtime: 0,
    type: 'x',
    linkname: '',
    major: 0,
    minor: 0,
  });
  return Buffer.concat([header, body, padding(body.length)]);
}

/** Whether a name fits into its field as it is, for every reader. */
function fits(name: string): boolean {
  return name.length <= 100 && /^[\x20-\x7e]*$/u.test(name);
}

/** For readers that know no PAX: something of the name. */
function ascii(name: string): string {
  return name.replaceAll(/[^\x20-\x7e]/gu, '_').slice(0, 100);
}

function padding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}
