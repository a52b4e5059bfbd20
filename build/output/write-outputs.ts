/** All output formats, and how several of them are written together. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArchName } from '../arch.ts';
import { cacheDir } from '../cache-dir.ts';
import type { RootConfig, SignConfig } from '../config/root-schema.ts';
import type { OutputFormat } from '../config/schema.ts';
import type { HostTool } from '../host-tools.ts';
import { DISK_FORMATS } from './disk/disk-formats.ts';
import { SIGN_TOOLS, ukiTool } from './disk/uki.ts';
import { dockerFiles } from './docker-archive.ts';
import { kernelInitrdFiles } from './kernel-initrd.ts';
import type { MachineParts } from './machine-trees.ts';
import type { OutputContext } from './output-context.ts';
import { readInputTar } from './read-input-tar.ts';
import type { Format, RootPlace } from './output-format.ts';
import { ROOT_FORMATS } from './root/kernel-root.ts';
import { rootTools } from './root/root-filesystem.ts';
import { INITRD } from './root/root-initrd.ts';
import { VERITYSETUP } from './root/verity.ts';
import { tarFiles } from './tar-image.ts';
import { tarKernelInitrdFiles } from './tar-kernel-initrd.ts';
import { type OutputFile, writeWhole } from './write-whole.ts';

const FORMATS: Record<OutputFormat, Format> = {
  'kernel+initrd': { files: kernelInitrdFiles, root: 'initrd' },
  'tar-kernel-initrd': { files: tarKernelInitrdFiles, root: 'initrd' },
  tar: { files: tarFiles, root: 'archive' },
  docker: { files: dockerFiles, root: 'archive' },
  ...ROOT_FORMATS,
  ...DISK_FORMATS,
};

/** LinuxKit's names. */
const SAME_FILE: readonly (readonly [OutputFormat, OutputFormat])[] = [
  ['vhd', 'dynamic-vhd'],
  ['kernel+iso', 'iso-bios'],
];

/** Formats that do not go together, or with what is asked of them. */
export class OutputError extends Error {
  override readonly name = 'OutputError';
}

/** What formats need before any work is done. */
export interface OutputNeeds {
  readonly tools: readonly HostTool[];
  /** Components that no file names. */
  readonly components: readonly string[];
}

export interface NeedsRequest {
  readonly arch: ArchName;
  readonly size: number | undefined;
  readonly root?: RootConfig | undefined;
  readonly sign?: SignConfig | undefined;
  /** Whether the file says so. Default: false. */
  readonly updates?: boolean;
}

/**
 * Throws `OutputError` for what cannot be: two formats that write the same file, one that an architecture does not have,
 * a size where nothing has one, a root that is to be verified and cannot be.
 */
export function outputNeeds(
  formats: readonly OutputFormat[],
  { arch, size, root, sign, updates = false }: NeedsRequest,
): OutputNeeds {
  const wanted = new Set(formats);
  for (const [one, other] of SAME_FILE) {
    if (!wanted.has(one) || !wanted.has(other)) continue;
    throw new OutputError(`${one} and ${other} write the same file: build one after the other`);
  }
  if (size !== undefined && ![...wanted].some((format) => FORMATS[format].isSized === true)) {
    throw new OutputError(`No size can be asked for of ${[...wanted].join(', ')}`);
  }
  const tools: HostTool[] = [];
  const components: string[] = [];
  for (const format of wanted) {
    const { firmware, root: place, ...known } = FORMATS[format];
    if (firmware === 'bios' && arch === 'arm64') {
      throw new OutputError(`${format} is not for arm64, which has no BIOS`);
    }
    if (firmware === 'rpi' && arch !== 'arm64') {
      throw new OutputError(`${format} is for arm64 only: build it with --arch arm64`);
    }
    if (updates && firmware !== 'efi' && place === 'disk') {
      throw new OutputError(
        `${format} cannot have "updates": only UEFI counts the tries of a boot`,
      );
    }
    const unverified = UNVERIFIED[place];
    if (root?.verity === true && unverified !== undefined) {
      throw new OutputError(`${format} cannot have "verity: true": ${unverified}`);
    }
    tools.push(...(known.tools ?? []));
    if (known.component !== undefined) components.push(known.component);
    if (firmware === 'efi') tools.push(ukiTool(arch), ...(sign === undefined ? [] : SIGN_TOOLS));
    if (root?.verity === true && place !== 'archive') tools.push(VERITYSETUP);
    if (root === undefined || place !== 'disk') continue;
    tools.push(...rootTools(root.filesystem));
    components.push(INITRD);
  }
  return { tools: unique(tools), components: unique(components) };
}

/** Why a root that is to be verified cannot be there. */
const UNVERIFIED: Partial<Record<RootPlace, string>> = {
  initrd: 'its root is the initrd',
  disc: 'only erofs and squashfs have hashes',
};

function unique<T>(items: readonly T[]): readonly T[] {
  return [...new Set(items)];
}

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
    // The kernel is a file of several formats.
    const byPath = new Map<string, OutputFile>();
    for (const format of new Set(formats)) {
      if (format in DISK_FORMATS || format in ROOT_FORMATS) context.progress(`making ${format}`);
      for (const file of await FORMATS[format].files(parts, context)) byPath.set(file.path, file);
    }
    const files = [...byPath.values(), ...more];
    const paths = files.map(({ path }) => path);
    context.progress(`writing ${paths.join(', ')}`);
    await writeWhole(files);
    return paths;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
