/** What is put on every boot disk: kernel and initrd as files of the host, made once for all formats of a build. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileDigest } from '../../binary/file-digest.ts';
import { initrdParts } from '../kernel-initrd.ts';
import { makeRootFilesystem } from '../root/root-filesystem.ts';
import { rootInitrdParts } from '../root/root-initrd.ts';
import { kernelFile, type MachineParts, readData } from '../machine-trees.ts';
import type { OutputContext } from '../output-context.ts';
import { writeWhole } from '../write-whole.ts';
import { type DiskNames, diskNames, type HostFile } from './disk-layout.ts';

export interface BootFiles {
  readonly kernel: HostFile;
  readonly initrd: HostFile;
  /** For a partition of its own. */
  readonly root?: HostFile;
  readonly cmdline: string;
  readonly names: DiskNames;
  /** There is to be room for another image; `bytes` for each, if that is said. */
  readonly slots?: { readonly bytes?: number };
}

/** With the root in the initrd, as discs have it. */
export async function bootFiles(parts: MachineParts, context: OutputContext): Promise<BootFiles> {
  const initrd = join(context.scratch, 'initrd');
  if (!(await exists(initrd))) {
    await writeWhole([{ path: initrd, parts: await initrdParts(parts, context) }]);
  }
  return described(parts, context, { initrd, cmdline: parts.cmdline });
}

/** The same for disks, which may have the root in a partition. */
export async function diskBootFiles(
  parts: MachineParts,
  context: OutputContext,
): Promise<BootFiles> {
  const boot = await bootFilesOnDisk(parts, context);
  const { updates } = parts;
  if (updates === undefined) return boot;
  const { slotSize } = updates;
  return { ...boot, slots: slotSize === undefined ? {} : { bytes: slotSize } };
}

async function bootFilesOnDisk(parts: MachineParts, context: OutputContext): Promise<BootFiles> {
  if (parts.root === undefined) return bootFiles(parts, context);
  const { filesystem } = parts.root;
  const root = await makeRootFilesystem(filesystem, parts, context);
  const initrd = join(context.scratch, 'root-initrd');
  await writeWhole([{ path: initrd, parts: await rootInitrdParts(root, parts, context) }]);
  const { verity, path } = root;
  const cmdline = verity ? `${parts.cmdline} roothash=${verity.rootHash}` : parts.cmdline;
  return described(parts, context, { initrd, cmdline, root: path });
}

interface Described {
  readonly initrd: string;
  readonly cmdline: string;
  readonly root?: string;
}

async function described(
  parts: MachineParts,
  context: OutputContext,
  { initrd, cmdline, root }: Described,
): Promise<BootFiles> {
  const kernel = join(context.scratch, 'kernel');
  if (!(await exists(kernel))) {
    const tree = await context.store.tree(parts.kernel);
    const binary = kernelFile(parts.kernel, tree, parts.kernelFiles.binary);
    await writeWhole([{ path: kernel, parts: [() => readData(binary)] }]);
  }
  const paths = [kernel, initrd, ...(root === undefined ? [] : [root])];
  const digests: string[] = [];
  for (const path of paths) digests.push(await fileDigest(path, context.scratch));
  return {
    kernel: await hostFile(kernel),
    initrd: await hostFile(initrd),
    ...(root !== undefined && { root: await hostFile(root) }),
    cmdline,
    names: diskNames([...digests, cmdline]),
  };
}

export async function hostFile(path: string): Promise<HostFile> {
  const { size } = await stat(path);
  return { path, bytes: size };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
