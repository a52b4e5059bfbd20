/**
 * The output format kernel+initrd: NAME-kernel, NAME-initrd.img and NAME-cmdline, as LinuxKit names
 * them. Needs no root, no mount and no external program; the same inputs give the same bytes.
 */
import { stat } from 'node:fs/promises';
import { rootFiles, rootFilesTree, segmentFiles } from './initrd-files.ts';
import { cachedSegment, quickSegment, readSegment } from './initrd-segment.ts';
import {
  kernelFile,
  type MachineParts,
  machineTree,
  modulesTree,
  readData,
  rootTree,
  underRootfsPath,
} from './machine-trees.ts';
import type { OutputContext } from './output-context.ts';
import { volumeInputs, volumeTree } from './volume-tree.ts';
import { type OutputFile, outputFile, type Parts, text } from './write-whole.ts';

export async function kernelInitrdFiles(
  parts: MachineParts,
  context: OutputContext,
): Promise<readonly OutputFile[]> {
  const kernelTree = await context.store.tree(parts.kernel);
  const initrd = await initrdParts(parts, context);
  return [
    outputFile(context, '-kernel', [
      () => readData(kernelFile(parts.kernel, kernelTree, parts.kernelFiles.binary)),
    ]),
    outputFile(context, '-initrd.img', initrd),
    outputFile(context, '-cmdline', [text(parts.cmdline)]),
  ];
}

/** The initrd, piece by piece. */
export async function initrdParts(parts: MachineParts, context: OutputContext): Promise<Parts> {
  const kernelTree = await context.store.tree(parts.kernel);
  const { store, compression, progress } = context;
  const segment = cachedSegment.bind(undefined, compression);
  const digests = parts.init.map(({ digest }) => digest);
  const { tar, ucode } = parts.kernelFiles;
  const segments = [
    await segment(
      ['root', ...digests],
      () => rootTree(store, parts.init),
      () => progress('compressing the root'),
    ),
    await segment(
      ['modules', parts.kernel.digest, tar ?? ''],
      (scratch) => modulesTree(parts, kernelTree, scratch),
      () => progress(`compressing the modules of ${parts.kernel.reference}`),
    ),
  ];
  for (const { image } of parts.containers) {
    const made = await segment(
      ['container', image.digest],
      async () => underRootfsPath(image, await store.tree(image)),
      () => progress(`compressing ${image.reference}`),
    );
    segments.push(made);
  }
  for (const volume of parts.volumes) {
    const made = await segment(
      ['volume', volumeInputs(volume)],
      () => volumeTree(volume, store),
      () => progress(`compressing the volume ${volume.name}`),
    );
    segments.push(made);
  }
  const machine = machineTree(parts);
  const sizes = await Promise.all(segments.map(async ({ path }) => (await stat(path)).size));
  const listings = [...segments.map(({ files }) => files), segmentFiles(machine)];
  const record = rootFiles(
    listings,
    sizes.reduce((sum, bytes) => sum + bytes, 0),
  );
  progress(
    `${record.count} files of ${Math.ceil(record.bytes / 1e6)} MB: a machine needs ${record.memoryMiB} MiB of memory for them`,
  );
  return [
    // The kernel looks for microcode at the very beginning only, and only uncompressed.
    ...(ucode === undefined ? [] : [() => readData(kernelFile(parts.kernel, kernelTree, ucode))]),
    // First of what is unpacked: what comes after it may not fit.
    () => quickSegment(rootFilesTree(record)),
    ...segments.map(
      ({ path }) =>
        () =>
          readSegment(path),
    ),
    () => quickSegment(machine),
  ];
}
