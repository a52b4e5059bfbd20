/** The output format tar-kernel-initrd: one archive with kernel, initrd.img and cmdline, as LinuxKit has it. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeTar } from '../image/layer.ts';
import type { FileData, NodeMeta, Tree } from '../rootfs/tree.ts';
import { initrdParts } from './kernel-initrd.ts';
import { kernelFile, type MachineParts } from './machine-trees.ts';
import type { OutputContext } from './output-context.ts';
import { type OutputFile, outputFile, writeWhole } from './write-whole.ts';

const META: NodeMeta = { mode: 0o644, uid: 0, gid: 0, mtime: 0 };

export async function tarKernelInitrdFiles(
  parts: MachineParts,
  context: OutputContext,
): Promise<readonly OutputFile[]> {
  // An archive says sizes first, and the initrd's is known when it is written.
  const initrd = join(context.scratch, 'initrd.img');
  await writeWhole([{ path: initrd, parts: await initrdParts(parts, context) }]);
  const { size } = await stat(initrd);
  const kernelTree = await context.store.tree(parts.kernel);
  const file = (data: FileData): { type: 'file'; data: FileData } & NodeMeta => ({
    ...META,
    type: 'file',
    data,
  });
  const tree: Tree = new Map([
    ['kernel', file(kernelFile(parts.kernel, kernelTree, parts.kernelFiles.binary))],
    ['initrd.img', file({ kind: 'host-file', path: initrd, size })],
    ['cmdline', file({ kind: 'bytes', bytes: Buffer.from(parts.cmdline) })],
  ]);
  return [outputFile(context, '-initrd.tar', [() => writeTar(tree)])];
}
