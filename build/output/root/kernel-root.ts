/**
 * The formats whose root is a file system beside the kernel, under LinuxKit's names. The kernel gets a small initrd that finds
 * and mounts it: NAME-squashfs-initrd.img.
 */
import type { OutputFormat } from '../../config/schema.ts';
import { kernelFile, readData } from '../machine-trees.ts';
import type { Format } from '../output-format.ts';
import { outputFile, text } from '../write-whole.ts';
import { makeRootFilesystem, type RootFilesystem, rootTools } from './root-filesystem.ts';
import { INITRD, rootInitrdParts } from './root-initrd.ts';

function rootFormat(filesystem: RootFilesystem, suffix: string): Format {
  return {
    tools: rootTools(filesystem),
    component: INITRD,
    root: filesystem === 'iso9660' ? 'disc' : 'beside',
    async files(parts, context) {
      const kernelTree = await context.store.tree(parts.kernel);
      const root = await makeRootFilesystem(filesystem, parts, context);
      const initrd = await rootInitrdParts(root, parts, context);
      const base = suffix.slice(0, suffix.lastIndexOf('.')) || '-iso';
      return [
        outputFile(context, '-kernel', [
          () => readData(kernelFile(parts.kernel, kernelTree, parts.kernelFiles.binary)),
        ]),
        { path: outputFile(context, suffix, []).path, from: root.path },
        outputFile(context, `${base}-initrd.img`, initrd),
        outputFile(context, '-cmdline', [text(parts.cmdline)]),
      ];
    },
  };
}

type RootFormatName = Extract<OutputFormat, 'kernel+squashfs' | 'kernel+erofs' | 'kernel+iso'>;

export const ROOT_FORMATS: Record<RootFormatName, Format> = {
  'kernel+squashfs': rootFormat('squashfs', '-squashfs.img'),
  'kernel+erofs': rootFormat('erofs', '-erofs.img'),
  'kernel+iso': rootFormat('iso9660', '.iso'),
};
