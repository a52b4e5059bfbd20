/** What is put on every boot disk: kernel and initrd as files of the host, made once for all formats of a build. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileDigest } from '../../binary/file-digest.ts';
import type { FileData } from '../../rootfs/tree.ts';
import { initrdParts } from '../kernel-initrd.ts';
import { kernelFile, type MachineParts, readData } from '../machine-trees.ts';
import type { OutputContext } from '../output-context.ts';
import { writeWhole } from '../write-whole.ts';
import { type DiskNames, diskNames, type HostFile } from './disk-layout.ts';

export interface BootFiles {
  readonly kernel: HostFile;
  readonly initrd: HostFile;
  readonly cmdline: string;
  readonly names: DiskNames;
}

/** A boot loader that is not in the store, or lacks a file. */
export class BootLoaderError extends Error {
  override readonly name = 'BootLoaderError';
}

export async function bootFiles(parts: MachineParts, context: OutputContext): Promise<BootFiles> {
  const kernel = join(context.scratch, 'kernel');
  const initrd = join(context.scratch, 'initrd');
  if (!(await exists(initrd))) {
    const tree = await context.store.tree(parts.kernel);
    const binary = kernelFile(parts.kernel, tree, parts.kernelFiles.binary);
    await writeWhole([
      { path: kernel, parts: [() => readData(binary)] },
      { path: initrd, parts: await initrdParts(parts, context) },
    ]);
  }
  const digests = [
    await fileDigest(kernel, context.scratch),
    await fileDigest(initrd, context.scratch),
  ];
  return {
    kernel: await hostFile(kernel),
    initrd: await hostFile(initrd),
    cmdline: parts.cmdline,
    names: diskNames([...digests, parts.cmdline]),
  };
}

/** A file of a boot loader's component. */
export async function loaderFile(
  { store }: OutputContext,
  reference: string,
  path: string,
): Promise<FileData> {
  const image = await store.find(reference);
  if (image === undefined) throw new BootLoaderError(`There is no image ${reference}`);
  const node = (await store.tree(image)).get(path);
  if (node?.type !== 'file') throw new BootLoaderError(`${reference} has no file ${path}`);
  return node.data;
}

async function hostFile(path: string): Promise<HostFile> {
  const { size } = await stat(path);
  return { path, bytes: size };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
