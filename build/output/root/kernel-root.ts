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

/** The files with the root and with the initrd for it are named by what stands behind NAME. */
function rootFormat(filesystem: RootFilesystem, root: string, initrd: string): Format {
  return {
    tools: rootTools(filesystem),
    component: INITRD,
    root: filesystem === 'iso9660' ? 'disc' : 'beside',
    async files(parts, context) {
      const kernelTree = await context.store.tree(parts.kernel);
      const image = await makeRootFilesystem(filesystem, parts, context);
      return [
        outputFile(context, '-kernel', [
          () => readData(kernelFile(parts.kernel, kernelTree, parts.kernelFiles.binary)),
        ]),
        { path: outputFile(context, root, []).path, from: image.path },
        outputFile(context, initrd, await rootInitrdParts(image, parts, context)),
        outputFile(context, '-cmdline', [text(parts.cmdline)]),
      ];
    },
  };
}

type RootFormatName = Extract<OutputFormat, 'kernel+squashfs' | 'kernel+erofs' | 'kernel+iso'>;

export const ROOT_FORMATS: Record<RootFormatName, Format> = {
  'kernel+squashfs': rootFormat('squashfs', '-squashfs.img', '-squashfs-initrd.img'),
  'kernel+erofs': rootFormat('erofs', '-erofs.img', '-erofs-initrd.img'),
  'kernel+iso': rootFormat('iso9660', '.iso', '-iso-initrd.img'),
};
