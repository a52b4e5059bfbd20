/**
 * The output format tar: the whole root, the kernel in boot/. Every entry says in LinuxKit's PAX records
 * which image it is from and where the YAML names that, and which part of a machine it belongs to
 * (part-key.ts), by which a later build takes it over.
 */
import { writeTar } from '../image/layer.ts';
import { mergeTrees } from '../rootfs/merge.ts';
import { rootSkeleton } from '../rootfs/skeleton.ts';
import type { NodeMeta, Tree, TreeNode } from '../rootfs/tree.ts';
import {
  kernelFile,
  type MachineParts,
  machineTree,
  modulesTree,
  underRootfsPath,
} from './machine-trees.ts';
import type { OutputContext } from './output-context.ts';
import { containerKey, rootKey, volumeKey } from './part-key.ts';
import { PART_RECORD } from './read-input-tar.ts';
import { volumeTree } from './volume-tree.ts';
import { type OutputFile, outputFile } from './write-whole.ts';

export interface Section {
  /** The image, or what else the entries come from. */
  readonly source: string;
  /** Its place in the YAML. */
  readonly location: string;
  readonly tree: Tree;
  /** What it is made from; absent for what is made anew every time. */
  readonly part?: string;
}

export async function tarFiles(
  parts: MachineParts,
  context: OutputContext,
): Promise<readonly OutputFile[]> {
  const sections = [
    ...(await rootSections(parts, context)),
    await kernelSection(parts, context),
    ...machineSections(parts),
  ];
  return [outputFile(context, '.tar', [() => archiveOf(sections)])];
}

/** The root without a kernel: init, the containers' images. */
export async function rootSections(
  parts: MachineParts,
  context: OutputContext,
): Promise<readonly Section[]> {
  const { init, containers, volumes } = parts;
  const { store } = context;
  const sections: Section[] = [{ source: 'ishmael', location: 'root', tree: rootSkeleton() }];
  for (const [index, image] of init.entries()) {
    const location = `init[${index}]`;
    const part = rootKey(parts, location);
    const tree = reused(context, part, location) ?? (await store.tree(image));
    sections.push({ source: image.reference, location, tree, part });
  }
  for (const { image, location } of containers) {
    const part = containerKey(parts, image);
    const tree = reused(context, part, location) ?? underRootfsPath(image, await store.tree(image));
    sections.push({ source: image.reference, location, tree, part });
  }
  for (const [index, volume] of volumes.entries()) {
    const image = volume.image ?? volume.platforms?.[0]?.image;
    const source = image?.reference ?? 'ishmael';
    const location = `volumes[${index}]`;
    const part = volumeKey(parts, volume);
    const old = image && reused(context, part, location);
    // The folders above all volumes belong to whichever is last, so they are always made anew.
    const tree = await volumeTree(
      old ? { name: volume.name, format: volume.format } : volume,
      store,
    );
    for (const [path, node] of old ?? []) tree.set(path, node);
    sections.push({ source, location, tree, part });
  }
  return sections;
}

/** A copy of a part of the earlier archive, if it has that part as it would be made now. */
function reused(
  { reusable, progress }: OutputContext,
  part: string,
  location: string,
): Tree | undefined {
  const tree = reusable?.get(part);
  if (tree === undefined) return undefined;
  progress(`copying ${location} from the earlier archive`);
  return new Map(tree);
}

/** The manifest, and what the YAML's `files` add. */
export function machineSections(parts: MachineParts): readonly Section[] {
  return [
    { source: 'ishmael', location: 'manifest', tree: machineTree({ ...parts, files: new Map() }) },
    { source: 'files', location: 'files', tree: parts.files },
  ];
}

/** The merged sections as an archive; the same sections are the same bytes. */
export function archiveOf(sections: readonly Section[]): ReturnType<typeof writeTar> {
  const tree = mergeTrees(...sections.map((section) => section.tree));
  const origin = originOf(sections, tree);
  return writeTar(tree, (path) => {
    const { source, location, part } = origin(path);
    return {
      ...(part === undefined ? {} : { [PART_RECORD]: part }),
      'LINUXKIT.location': location,
      'LINUXKIT.source': source,
    };
  });
}

/** Which section an entry is from. Merging keeps the nodes themselves, so that they can be recognised. */
function originOf(
  sections: readonly Section[],
  merged: Tree,
): (path: string) => Omit<Section, 'tree'> {
  const owners = new Map<TreeNode, Section>();
  for (const section of sections) {
    for (const node of section.tree.values()) owners.set(node, section);
  }
  return (path) => {
    const node = merged.get(path);
    const owner = node === undefined ? undefined : owners.get(node);
    if (owner !== undefined) return owner;
    if (node?.type === 'hardlink') {
      const target = merged.get(node.target);
      const shared = target === undefined ? undefined : owners.get(target);
      if (shared !== undefined) return shared;
    }
    // A directory that no image has, made on the way to a file that one has.
    return { source: 'ishmael', location: 'root' };
  };
}

const META: NodeMeta = { mode: 0o644, uid: 0, gid: 0, mtime: 0 };

async function kernelSection(parts: MachineParts, context: OutputContext): Promise<Section> {
  const { kernel, cmdline } = parts;
  const part = rootKey(parts, 'kernel');
  const tree = reused(context, part, 'kernel') ?? (await kernelFiles(parts, context));
  // The command line is no part of the image, so it may be another one.
  const bytes = Buffer.from(cmdline);
  tree.set('boot/cmdline', { ...META, type: 'file', data: { kind: 'bytes', bytes } });
  return { source: kernel.reference, location: 'kernel', tree, part };
}

async function kernelFiles(parts: MachineParts, { store, scratch }: OutputContext): Promise<Tree> {
  const { kernel, kernelFiles: names } = parts;
  const kernelTree = await store.tree(kernel);
  const tree = await modulesTree(parts, kernelTree, scratch);
  tree.set('boot', { ...META, mode: 0o755, type: 'directory' });
  const data = kernelFile(kernel, kernelTree, names.binary);
  tree.set('boot/kernel', { ...META, type: 'file', data });
  if (names.ucode !== undefined) {
    const microcode = kernelFile(kernel, kernelTree, names.ucode);
    tree.set('boot/ucode.cpio', { ...META, type: 'file', data: microcode });
  }
  return tree;
}
