/** All output formats, and how several of them are written together. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDir } from '../cache-dir.ts';
import type { OutputFormat } from '../config/schema.ts';
import { dockerFiles } from './docker-archive.ts';
import { kernelInitrdFiles } from './kernel-initrd.ts';
import type { MachineParts } from './machine-trees.ts';
import type { OutputContext } from './output-context.ts';
import { tarFiles } from './tar-image.ts';
import { tarKernelInitrdFiles } from './tar-kernel-initrd.ts';
import { type OutputFile, writeWhole } from './write-whole.ts';

const FORMATS: Record<
  OutputFormat,
  (parts: MachineParts, context: OutputContext) => Promise<readonly OutputFile[]>
> = {
  'kernel+initrd': kernelInitrdFiles,
  'tar-kernel-initrd': tarKernelInitrdFiles,
  tar: tarFiles,
  docker: dockerFiles,
};

/** Returns the paths written, format by format. Either all files are new or all are as they were. */
export async function writeOutputs(
  formats: readonly OutputFormat[],
  parts: MachineParts,
  context: Omit<OutputContext, 'scratch'>,
  more: readonly OutputFile[] = [],
): Promise<string[]> {
  await mkdir(cacheDir(), { recursive: true });
  const scratch = await mkdtemp(join(cacheDir(), 'output-'));
  try {
    const files: OutputFile[] = [];
    for (const format of new Set(formats)) {
      files.push(...(await FORMATS[format](parts, { ...context, scratch })));
    }
    files.push(...more);
    const paths = files.map(({ path }) => path);
    context.progress(`writing ${paths.join(', ')}`);
    await writeWhole(files);
    return paths;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
