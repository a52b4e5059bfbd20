/** What is in an initrd, for the record that PID 1 checks (supervisor/root-files.ts), and how much memory that takes. Pure. */
import {
  isCounted,
  ROOT_FILES_PATH,
  type RootEntry,
  type RootFiles,
  summarise,
} from '../../supervisor/root-files.ts';
import { fileDataSize } from '../rootfs/file-data.ts';
import type { NodeMeta, Tree, TreeNode } from '../rootfs/tree.ts';

/** Entries of one archive in its order, folders with a size of −2. */
export type SegmentFiles = readonly RootEntry[];

const LINK = -1;
const FOLDER = -2;

export function segmentFiles(tree: Tree): SegmentFiles {
  return [...tree].flatMap(([path, node]): RootEntry[] => {
    const bytes = sizeOf(node, tree);
    return bytes === undefined ? [] : [[path, bytes]];
  });
}

function sizeOf(node: TreeNode, tree: Tree): number | undefined {
  switch (node.type) {
    case 'file':
      return fileDataSize(node.data);
    case 'symlink':
      return LINK;
    case 'directory':
      return FOLDER;
    case 'hardlink': {
      const target = tree.get(node.target);
      return target === undefined ? undefined : sizeOf(target, tree);
    }
    default:
      return undefined;
  }
}

/** As the kernel unpacks archives over one another: what is of another kind gives way (init/initramfs.c, clean_path). */
export function rootEntries(segments: readonly SegmentFiles[]): RootEntry[] {
  const entries = new Map<string, number>();
  for (const segment of segments) {
    for (const [path, bytes] of segment) {
      if (!isCounted(path)) continue;
      if (bytes === FOLDER) entries.delete(path);
      else entries.set(path, bytes);
    }
  }
  return [...entries];
}

/** @param initrdBytes compressed */
export function rootFiles(segments: readonly SegmentFiles[], initrdBytes: number): RootFiles {
  const entries = rootEntries(segments);
  return { ...summarise(entries), memoryMiB: memoryMiB(entries, initrdBytes) };
}

const MIB = 1_048_576;
const PAGE = 4096;
/** What the kernel takes before it counts its memory: itself, and what it keeps for each page. */
const KERNEL_BYTES = 56 * MIB;
const STEP_MIB = 16;

/**
 * The root is a tmpfs that may have half of the memory (mm/shmem.c, shmem_default_max_blocks), which is counted while the kernel and the initrd are in it and
 * do not count. In steps of 16 MiB. What programs need when they run is not in it.
 */
export function memoryMiB(entries: readonly RootEntry[], initrdBytes: number): number {
  let unpacked = 0;
  for (const [, bytes] of entries) unpacked += Math.ceil(Math.max(0, bytes) / PAGE) * PAGE;
  const needed = 2 * unpacked + initrdBytes + KERNEL_BYTES;
  return Math.ceil(needed / MIB / STEP_MIB) * STEP_MIB;
}

/** The first archive of an initrd. */
export function rootFilesTree(files: RootFiles): Tree {
  const path = ROOT_FILES_PATH.slice(1);
  const bytes = Buffer.from(`${JSON.stringify(files)}\n`);
  const tree: Tree = new Map();
  for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
    tree.set(path.slice(0, at), { ...META, type: 'directory' });
  }
  tree.set(path, { ...META, mode: 0o644, type: 'file', data: { kind: 'bytes', bytes } });
  return tree;
}

const META: NodeMeta = { mode: 0o755, uid: 0, gid: 0, mtime: 0 };
