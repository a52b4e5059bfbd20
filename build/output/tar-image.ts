/**
 * The output format tar: the whole root, the kernel in boot/. Every entry says in LinuxKit's PAX records
 * which image it is from and where the YAML names that.
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
import { volumeTree } from './volume-tree.ts';
import { type OutputFile, outputFile } from './write-whole.ts';

export interface Section {
  /** The image, or what else the entries come from. */
  readonly source: string;
  /** Its place in the YAML. */
  readonly location: string;
  readonly tree: Tree;
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
  { init, containers, volumes }: MachineParts,
  { store }: OutputContext,
): Promise<readonly Section[]> {
  const sections: Section[] = [{ source: 'ishmael', location: 'root', tree: rootSkeleton() }];
  for (const [index, image] of init.entries()) {
    const tree = await store.tree(image);
    sections.push({ source: image.reference, location: `init[${index}]`, tree });
  }
  for (const { image, location } of containers) {
    const tree = underRootfsPath(image, await store.tree(image));
    sections.push({ source: image.reference, location, tree });
  }
  for (const [index, volume] of volumes.entries()) {
    const tree = await volumeTree(volume, store);
    const source = volume.image?.reference ?? 'ishmael';
    sections.push({ source, location: `volumes[${index}]`, tree });
  }
  return sections;
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
    const { source, location } = origin(path);
    return { 'LINUXKIT.location': location, 'LINUXKIT.source': source };
  });
}

/** Which section an entry is from. Merging keeps the nodes themselves, so that they can be recognised. */
function originOf(
  sections: readonly Section[],
  merged: Tree,
): (path: string) => Pick<Section, 'source' | 'location'> {
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

async function kernelSection(
  parts: MachineParts,
  { store, scratch }: OutputContext,
): Promise<Section> {
  const { kernel, kernelFiles, cmdline } = parts;
  const kernelTree = await store.tree(kernel);
  const tree = await modulesTree(parts, kernelTree, scratch);
  tree.set('boot', { ...META, mode: 0o755, type: 'directory' });
  const data = kernelFile(kernel, kernelTree, kernelFiles.binary);
  tree.set('boot/kernel', { ...META, type: 'file', data });
  if (kernelFiles.ucode !== undefined) {
    const microcode = kernelFile(kernel, kernelTree, kernelFiles.ucode);
    tree.set('boot/ucode.cpio', { ...META, type: 'file', data: microcode });
  }
  const bytes = Buffer.from(cmdline);
  tree.set('boot/cmdline', { ...META, type: 'file', data: { kind: 'bytes', bytes } });
  return { source: kernel.reference, location: 'kernel', tree };
}
