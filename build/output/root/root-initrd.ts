/**
 * The small initrd of a machine whose root is a file system on a disk: the component `initrd`, the drivers of disks that
 * the kernel has as modules, and what the root begins with, by which it is known among disks and partitions.
 */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { moduleName } from '../../component/module-closure.ts';
import { readFileData } from '../../rootfs/file-data.ts';
import { mergeTrees } from '../../rootfs/merge.ts';
import type { NodeMeta, Tree } from '../../rootfs/tree.ts';
import { BootLoaderError } from '../disk/loader-file.ts';
import { quickSegment } from '../initrd-segment.ts';
import { kernelFile, type MachineParts, modulesTree, readData } from '../machine-trees.ts';
import type { OutputContext } from '../output-context.ts';
import type { Parts } from '../write-whole.ts';
import type { RootFilesystem, RootImage } from './root-filesystem.ts';
import { aliasLines, dependencyLines, readModuleIndex, rootModules } from './root-modules.ts';
import type { Verity } from './verity.ts';

/** The component, built when a format needs it. */
export const INITRD = 'ishmael/initrd';

/** As much of the root as tells it from every other, whatever the file system: ISO 9660 begins after 32 KiB. */
const HEAD_BYTES = 65_536;

const META: NodeMeta = { mode: 0o644, uid: 0, gid: 0, mtime: 0 };

/**
 * Names of the modules of a file system; the kernel may have them built in. Who asks for checksums does so by the name of an
 * algorithm, which no list of dependencies has.
 */
const MODULES: Record<RootFilesystem, readonly string[]> = {
  squashfs: ['squashfs'],
  erofs: ['crc32c_generic', 'erofs'],
  iso9660: ['isofs'],
  ext4: ['crc32c_generic', 'ext4'],
};

export async function rootInitrdParts(
  { filesystem, path, verity }: RootImage,
  parts: MachineParts,
  context: OutputContext,
): Promise<Parts> {
  const { store } = context;
  const component = await store.find(INITRD);
  if (component === undefined) throw new BootLoaderError(`There is no image ${INITRD}`);
  const kernelTree = await store.tree(parts.kernel);
  const names = [...MODULES[filesystem], ...(verity === undefined ? [] : ['dm_verity'])];
  const modules = await chosenModules(await modulesTree(parts, kernelTree, context.scratch), names);
  const settings = [
    `type=${filesystem}`,
    `head=${await headDigest(path)}`,
    // Who is asked for one that is built in complains.
    `modules='${names.filter((name) => hasModule(modules, name)).join(' ')}'`,
    ...(verity === undefined ? [] : verityLines(verity)),
    '',
  ];
  const tree = mergeTrees(
    await store.tree(component),
    modules,
    file('etc/root', settings.join('\n')),
  );
  const { ucode } = parts.kernelFiles;
  return [
    ...(ucode === undefined ? [] : [() => readData(kernelFile(parts.kernel, kernelTree, ucode))]),
    () => quickSegment(tree),
  ];
}

function verityLines({ blocks, salt, rootHash }: Verity): readonly string[] {
  return [`blocks=${blocks}`, `salt=${salt}`, `roothash=${rootHash}`];
}

async function chosenModules(all: Tree, names: readonly string[]): Promise<Tree> {
  const index = [...all.keys()].find((path) => path.endsWith('/modules.dep'));
  if (index === undefined) return new Map();
  const folder = index.slice(0, index.lastIndexOf('/'));
  const read = async (name: string): Promise<string> => {
    const node = all.get(join(folder, name));
    return node?.type === 'file' ? Buffer.from(await readFileData(node.data)).toString() : '';
  };
  const dependencies = await read('modules.dep');
  const chosen = rootModules(readModuleIndex(dependencies), names);
  const aliases = aliasLines(await read('modules.alias'), chosen);
  const tree: Tree = new Map();
  for (const path of chosen) {
    const node = all.get(join(folder, path));
    if (node !== undefined) tree.set(join(folder, path), node);
  }
  return mergeTrees(
    tree,
    file(`${folder}/modules.dep`, dependencyLines(dependencies, chosen)),
    file(`${folder}/modules.alias`, aliases),
  );
}

function hasModule(tree: Tree, name: string): boolean {
  return [...tree.keys()].some((path) => path.endsWith('.ko') && moduleName(path) === name);
}

function file(path: string, text: string): Tree {
  return new Map([
    [path, { ...META, type: 'file', data: { kind: 'bytes', bytes: Buffer.from(text) } }],
  ]);
}

async function headDigest(path: string): Promise<string> {
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return createHash('sha256').update(buffer.subarray(0, bytesRead)).digest('hex');
  } finally {
    await handle.close();
  }
}
