/**
 * The formats whose root is a file system beside the kernel, under LinuxKit's names. The kernel gets a small initrd that finds
 * and mounts it: NAME-squashfs-initrd.img.
 */
import type { OutputFormat } from '../../config/schema.ts';
import type { HostTool } from '../../host-tools.ts';
import { kernelFile, type MachineParts, readData } from '../machine-trees.ts';
import type { OutputContext } from '../output-context.ts';
import { type OutputFile, outputFile, text } from '../write-whole.ts';
import { makeRootFilesystem, type RootFilesystem, rootTools } from './root-filesystem.ts';
import { INITRD, rootInitrdParts } from './root-initrd.ts';

export interface RootFormat {
  readonly files: (parts: MachineParts, context: OutputContext) => Promise<readonly OutputFile[]>;
  readonly tools: readonly HostTool[];
  readonly component: string;
}

function rootFormat(filesystem: RootFilesystem, suffix: string): RootFormat {
  return {
    tools: rootTools(filesystem),
    component: INITRD,
    async files(parts, context) {
      const kernelTree = await context.store.tree(parts.kernel);
      const root = await makeRootFilesystem(filesystem, parts, context);
      const initrd = await rootInitrdParts(filesystem, root, parts, context);
      const base = suffix.slice(0, suffix.lastIndexOf('.')) || '-iso';
      return [
        outputFile(context, '-kernel', [
          () => readData(kernelFile(parts.kernel, kernelTree, parts.kernelFiles.binary)),
        ]),
        { path: outputFile(context, suffix, []).path, from: root },
        outputFile(context, `${base}-initrd.img`, initrd),
        outputFile(context, '-cmdline', [text(parts.cmdline)]),
      ];
    },
  };
}

type RootFormatName = Extract<OutputFormat, 'kernel+squashfs' | 'kernel+erofs' | 'kernel+iso'>;

export const ROOT_FORMATS: Record<RootFormatName, RootFormat> = {
  'kernel+squashfs': rootFormat('squashfs', '-squashfs.img'),
  'kernel+erofs': rootFormat('erofs', '-erofs.img'),
  'kernel+iso': rootFormat('iso9660', '.iso'),
};
