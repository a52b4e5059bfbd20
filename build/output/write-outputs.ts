/** All output formats, and how several of them are written together. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDir } from '../cache-dir.ts';
import type { OutputFormat } from '../config/schema.ts';
import { dockerFiles } from './docker-archive.ts';
import { kernelInitrdFiles } from './kernel-initrd.ts';
import type { MachineParts } from './machine-trees.ts';
import type { OutputContext } from './output-context.ts';
import { readInputTar } from './read-input-tar.ts';
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

/** The context of a build, before there is a scratch folder. */
export interface OutputRequest extends Omit<OutputContext, 'scratch' | 'reusable'> {
  /** An archive of the format tar whose unchanged parts are used again. */
  readonly inputTar?: string;
}

/**
 * Returns the paths written, format by format. Either all files are new or all are as they were. Rejects
 * with `InputTarError`, and with what the formats throw.
 */
export async function writeOutputs(
  formats: readonly OutputFormat[],
  parts: MachineParts,
  request: OutputRequest,
  more: readonly OutputFile[] = [],
): Promise<string[]> {
  await mkdir(cacheDir(), { recursive: true });
  const scratch = await mkdtemp(join(cacheDir(), 'output-'));
  try {
    const { inputTar, ...rest } = request;
    const context = {
      ...rest,
      scratch,
      ...(inputTar === undefined ? {} : { reusable: await readInputTar(inputTar, scratch) }),
    };
    const files: OutputFile[] = [];
    for (const format of new Set(formats)) {
      files.push(...(await FORMATS[format](parts, context)));
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
