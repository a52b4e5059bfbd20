/**
 * The cpio format of an initramfs, "newc" (Documentation/driver-api/early-userspace/buffer-format.rst).
 * Pure apart from the reader it is handed: same tree, same bytes.
 *
 *   entry: magic 070701, thirteen fields of eight hex digits (ino mode uid gid nlink mtime filesize
 *          devmajor devminor rdevmajor rdevminor namesize check), name and NUL padded to 4 bytes, data
 *          padded to 4 bytes. The archive ends with the entry TRAILER!!!.
 */
import type { FileData, Tree, TreeNode } from '../rootfs/tree.ts';

const HEADER_BYTES = 110;

/** st_mode's file type bits (inode(7)). */
const TYPE_BITS: Record<TreeNode['type'], number> = {
  file: 0o100000,
  hardlink: 0o100000,
  directory: 0o040000,
  symlink: 0o120000,
  'character-device': 0o020000,
  'block-device': 0o060000,
  fifo: 0o010000,
};

/** newc's size field has eight hex digits; the kernel reads no more. */
const MAX_FILE_BYTES = 0xffff_ffff;

export class CpioError extends Error {
  override readonly name = 'CpioError';
}

/** How the contents of files are had. */
export interface FileReader {
  /** Piece by piece, for a file may be larger than memory; called once per file, in order. */
  readonly read: (data: FileData) => AsyncIterable<Uint8Array>;
  readonly size: (data: FileData) => number;
}

/**
 * The archive as pieces, in the order of the paths: a directory comes before what is in it. Hard links
 * share an inode number with their target, which carries the data and comes first.
 * @throws CpioError for a file that newc cannot hold or a hard link to nothing
 */
export async function* encodeCpio(
  tree: Tree,
  { read, size: sizeOf }: FileReader,
): AsyncGenerator<Uint8Array> {
  const inodes = new Map<string, number>();
  const links = countHardlinks(tree);
  for (const [path, node] of entriesInOrder(tree)) {
    // The root directory exists before the kernel unpacks; it has no name an entry could have.
    if (path === '') continue;
    const ino = inodeOf(path, node, inodes);
    const linkTarget = symlinkBody(node);
    const size = node.type === 'file' ? sizeOf(node.data) : linkTarget.length;
    if (size > MAX_FILE_BYTES) throw new CpioError(`Cannot archive ${path}: above 4 GiB`);
    const target = node.type === 'hardlink' ? node.target : path;
    const nlink = node.type === 'directory' ? 2 : 1 + (links.get(target) ?? 0);
    yield header(path, node, { ino, nlink, size });
    if (node.type === 'file') yield* read(node.data);
    else yield linkTarget;
    yield padding(size);
  }
  yield header('TRAILER!!!', END, { ino: 0, nlink: 1, size: 0 });
}

const END: TreeNode = { type: 'fifo', mode: 0, uid: 0, gid: 0, mtime: 0 };

/** Sorted, but with every hard link after all else, so that its target is there. */
function entriesInOrder(tree: Tree): [string, TreeNode][] {
  const sorted = [...tree].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const links = sorted.filter(([, node]) => node.type === 'hardlink');
  return [...sorted.filter(([, node]) => node.type !== 'hardlink'), ...links];
}

function inodeOf(path: string, node: TreeNode, inodes: Map<string, number>): number {
  if (node.type !== 'hardlink') {
    const ino = inodes.size + 1;
    inodes.set(path, ino);
    return ino;
  }
  const ino = inodes.get(node.target);
  if (ino === undefined) throw new CpioError(`Cannot archive ${path}: no target ${node.target}`);
  return ino;
}

/** How many hard links each file has beside its own name. */
function countHardlinks(tree: Tree): Map<string, number> {
  const count = new Map<string, number>();
  for (const node of tree.values()) {
    if (node.type === 'hardlink') count.set(node.target, (count.get(node.target) ?? 0) + 1);
  }
  return count;
}

function symlinkBody(node: TreeNode): Uint8Array {
  return node.type === 'symlink' ? new TextEncoder().encode(node.target) : new Uint8Array(0);
}

function header(
  path: string,
  node: TreeNode,
  { ino, nlink, size }: { readonly ino: number; readonly nlink: number; readonly size: number },
): Uint8Array {
  const name = new TextEncoder().encode(path);
  const [major = 0, minor = 0] = 'major' in node ? [node.major, node.minor] : [];
  const type = node === END ? 0 : TYPE_BITS[node.type];
  const fields = [ino, type | node.mode, node.uid, node.gid, nlink, node.mtime, size];
  // The archive's own device is 0:0; check is always 0 in this variant.
  fields.push(0, 0, major, minor, name.length + 1, 0);
  const text = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`;
  const length = HEADER_BYTES + name.length + 1;
  const bytes = new Uint8Array(length + ((4 - (length % 4)) % 4));
  bytes.set(new TextEncoder().encode(text));
  bytes.set(name, HEADER_BYTES);
  return bytes;
}

function padding(length: number): Uint8Array {
  return new Uint8Array((4 - (length % 4)) % 4);
}
