/**
 * A root as ext4, without being root and without mounting: mke2fs(8) makes it, debugfs(8) fills it, one entry after another in the
 * order of their names. (mke2fs could fill it from a folder, but in the order in which the host's file system lists that, and
 * with the times of the copy.)
 */
import { rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../../host-command.ts';
import type { HostTool } from '../../host-tools.ts';
import { fileDataSize, streamFileData } from '../../rootfs/file-data.ts';
import type { FileData, NodeMeta, Tree, TreeNode } from '../../rootfs/tree.ts';
import { diskNames, MIB } from '../disk/disk-layout.ts';

export const EXT4_TOOLS: readonly HostTool[] = ['mke2fs', 'debugfs', 'e2fsck'].map((command) => ({
  command,
  package: 'e2fsprogs',
  why: 'make an ext4 root',
}));

export class Ext4Error extends Error {
  override readonly name = 'Ext4Error';
}

const BLOCK = 4096;
/** Those that every ext4 has. */
const RESERVED_INODES = 11;
const INODE_BYTES = 256;

/** Without it the tools write the present time into the superblock; 0 stands for the present, too. */
const ENV = { E2FSPROGS_FAKE_TIME: '1', TZ: 'UTC' };

/** @param digest of the contents, in hexadecimal, for the names that a file system has. Rejects with `Ext4Error` and `CommandError`. */
export async function writeExt4(
  tree: Tree,
  image: string,
  { digest, scratch }: { readonly digest: string; readonly scratch: string },
): Promise<void> {
  const uuid = diskNames([digest]).uuid('root');
  const { bytes, inodes } = ext4Size(tree);
  await rm(image, { force: true });
  await writeFile(image, '');
  await truncate(image, bytes);
  // No journal: it is never written to.
  const features = '^has_journal,^resize_inode';
  const names = `hash_seed=${uuid},lazy_itable_init=0,root_owner=0:0,nodiscard`;
  const layout = ['-b', String(BLOCK), '-I', String(INODE_BYTES), '-N', String(inodes), '-m', '0'];
  await runCommand(
    'mke2fs',
    ['-q', '-F', '-t', 'ext4', ...layout, '-O', features, '-U', uuid, '-E', names, image],
    { env: ENV },
  );
  const files = await hostFiles(tree, scratch);
  const script = join(scratch, 'ext4.debugfs');
  await writeFile(script, `${fillScript(tree, files).join('\n')}\n`);
  let said = '';
  await runCommand('debugfs', ['-w', '-f', script, image], {
    env: ENV,
    onLine: (line) => {
      // It ends well whatever goes wrong; what it says of itself is its version.
      if (!line.startsWith('debugfs ')) said ||= line;
    },
  });
  if (said !== '') throw new Ext4Error(`debugfs cannot fill the root: ${said}`);
  await runCommand('e2fsck', ['-f', '-n', image], { env: ENV });
}

/** Room for all of it and little more: nothing is ever added. Pure. */
export function ext4Size(tree: Tree): { readonly bytes: number; readonly inodes: number } {
  const inodes = tree.size + RESERVED_INODES + 64;
  let blocks = 0;
  for (const [path, node] of tree) {
    // Each name takes at most as much in its folder, and a large file has a block that says where it is.
    const name = (Buffer.byteLength(path) + 16) / BLOCK;
    const contents = node.type === 'file' ? Math.ceil(fileDataSize(node.data) / BLOCK) + 0.01 : 1;
    blocks += name + contents;
  }
  const all = (blocks + (inodes * INODE_BYTES) / BLOCK) * BLOCK;
  return { bytes: Math.ceil((all * 1.01) / MIB + 4) * MIB, inodes };
}

/** By path: where the host has the contents of a file. */
async function hostFiles(tree: Tree, scratch: string): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const [path, node] of tree) {
    if (node.type === 'file') files.set(path, await hostFile(node.data, scratch, files.size));
  }
  return files;
}

async function hostFile(data: FileData, scratch: string, index: number): Promise<string> {
  if (data.kind === 'host-file') return data.path;
  const path = join(scratch, `ext4-${index}`);
  await writeFile(path, streamFileData(data));
  return path;
}

/** Commands of debugfs(8). Pure. @param files by path, where the host has their contents */
export function fillScript(tree: Tree, files: ReadonlyMap<string, string>): readonly string[] {
  const entries = [...tree].filter(([path]) => path !== '').sort(([a], [b]) => (a < b ? -1 : 1));
  const lines: string[] = [];
  let folder = '';
  for (const [path, node] of entries) {
    const parent = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
    if (parent !== folder) lines.push(`cd ${quoted(`/${parent}`)}`);
    folder = parent;
    lines.push(...makeLines(path, node, files));
  }
  // When what they lead to is there. Nobody but us counts them.
  const links = new Map<string, number>();
  for (const [path, node] of entries) {
    if (node.type !== 'hardlink') continue;
    lines.push(`ln ${quoted(`/${node.target}`)} ${quoted(`/${path}`)}`);
    links.set(node.target, (links.get(node.target) ?? 1) + 1);
  }
  for (const [path, count] of links) lines.push(`sif ${quoted(`/${path}`)} links_count ${count}`);
  const root: NodeMeta = tree.get('') ?? { mode: 0o755, uid: 0, gid: 0, mtime: 0 };
  lines.push(...metaLines('/', { ...root, type: 'directory' }));
  lines.push(...metaLines('/lost+found', { ...root, mode: 0o700, type: 'directory' }));
  for (const [path, node] of entries) {
    if (node.type !== 'hardlink') lines.push(...metaLines(`/${path}`, node));
  }
  return lines;
}

function makeLines(
  path: string,
  node: TreeNode,
  files: ReadonlyMap<string, string>,
): readonly string[] {
  const name = quoted(path.slice(path.lastIndexOf('/') + 1));
  switch (node.type) {
    case 'directory':
      return path === 'lost+found' ? [] : [`mkdir ${name}`];
    case 'file':
      return [`write ${quoted(files.get(path) ?? '')} ${name}`];
    case 'symlink':
      return [`symlink ${name} ${quoted(node.target)}`];
    case 'hardlink':
      return [];
    case 'character-device':
      return [`mknod ${name} c ${node.major} ${node.minor}`];
    case 'block-device':
      return [`mknod ${name} b ${node.major} ${node.minor}`];
    case 'fifo':
      return [`mknod ${name} p`];
  }
}

/** stat(2) */
const KIND: Record<Exclude<TreeNode['type'], 'hardlink'>, number> = {
  fifo: 0o010_000,
  'character-device': 0o020_000,
  directory: 0o040_000,
  'block-device': 0o060_000,
  file: 0o100_000,
  symlink: 0o120_000,
};

function metaLines(path: string, node: TreeNode): readonly string[] {
  if (node.type === 'hardlink') return [];
  const name = quoted(path);
  const { mode, uid, gid, mtime, xattrs = {} } = node;
  const times = ['atime', 'ctime', 'mtime', 'crtime'].flatMap((field) => [
    `sif ${name} ${field} @${mtime}`,
    `sif ${name} ${field}_extra 0`,
  ]);
  return [
    `sif ${name} mode 0${(KIND[node.type] | mode).toString(8)}`,
    `sif ${name} uid ${uid}`,
    `sif ${name} gid ${gid}`,
    ...times,
    ...Object.entries(xattrs).map(
      ([key, value]) => `ea_set ${name} ${key} ${octal(Buffer.from(value, 'base64'))}`,
    ),
  ];
}

/** As libss reads words. */
function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

/** debugfs(8), `ea_set`: bytes as C writes them. */
function octal(bytes: Uint8Array): string {
  return quoted(Array.from(bytes, (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join(''));
}
