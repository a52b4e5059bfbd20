/**
 * The root as a file system in a file, made by its own tools. They take owners, modes and devices from a folder, so the folder
 * is one that only seems to have them: by fakeroot(1) a build does without being root.
 */
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileDigest } from '../../binary/file-digest.ts';
import { runCommand } from '../../host-command.ts';
import type { HostTool } from '../../host-tools.ts';
import { writeTar } from '../../image/layer.ts';
import { mergeTrees } from '../../rootfs/merge.ts';
import { diskNames } from '../disk/disk-layout.ts';
import type { Compression } from '../initrd-segment.ts';
import { type MachineParts, machineTree, modulesTree } from '../machine-trees.ts';
import type { OutputContext } from '../output-context.ts';
import { rootSections } from '../tar-image.ts';
import { EXT4_TOOLS, writeExt4 } from './ext4.ts';
import { addVerity, type Verity } from './verity.ts';

/** What a folder is made into by one program. */
type Made = 'squashfs' | 'erofs' | 'iso9660';

export type RootFilesystem = Made | 'ext4';

interface Maker {
  readonly tool: HostTool;
  /** Its words, but for the name of the program. */
  readonly args: (request: MakeRequest) => readonly string[];
}

interface MakeRequest {
  readonly folder: string;
  readonly image: string;
  readonly compression: Compression;
  /** Of the contents, in hexadecimal: so that the beginning of the file system tells it from every other. */
  readonly digest: string;
}

const MAKERS: Record<Made, Maker> = {
  squashfs: {
    tool: { command: 'mksquashfs', package: 'squashfs-tools', why: 'make a squashfs root' },
    args({ folder, image, compression, digest }) {
      const level = compression === 'best' ? '15' : '3';
      // It has no UUID, and nothing asks a squashfs when it was made.
      const time = String(Number.parseInt(digest.slice(0, 8), 16));
      const options = `-quiet -no-progress -noappend -comp zstd -Xcompression-level ${level} -mkfs-time ${time}`;
      return [folder, image, ...options.split(' ')];
    },
  },
  erofs: {
    tool: { command: 'mkfs.erofs', package: 'erofs-utils', why: 'make an EROFS root' },
    args({ folder, image, compression, digest }) {
      const compressor = compression === 'best' ? '-zlz4hc,12' : '-zlz4';
      const uuid = diskNames([digest]).uuid('root');
      return [compressor, '-T0', '-U', uuid, '--quiet', image, folder];
    },
  },
  iso9660: {
    tool: { command: 'xorriso', package: 'xorriso', why: 'write an ISO image' },
    args({ folder, image, digest }) {
      const label = digest.slice(0, 32).toUpperCase();
      const options = `-quiet -R -V ${label} --set_all_file_dates 1980010100000000`;
      return ['-as', 'mkisofs', ...options.split(' '), '-o', image, folder];
    },
  },
};

const FAKEROOT: HostTool = {
  command: 'fakeroot',
  package: 'fakeroot',
  why: "keep the owners of a root's files",
};

export function rootTools(filesystem: RootFilesystem): readonly HostTool[] {
  return filesystem === 'ext4' ? EXT4_TOOLS : [FAKEROOT, MAKERS[filesystem].tool];
}

/** The folder itself is as old as everything else in it that has no time of its own. */
const UNPACK_AND_MAKE = `
set -eu
umask 022
tar --extract --preserve-permissions --numeric-owner --xattrs --xattrs-include='*' --file "$1" --directory "$2"
chmod 755 "$2"
touch --date=@0 "$2"
shift 2
exec "$@"
`;

export interface RootImage {
  readonly filesystem: RootFilesystem;
  /** The file that has it, with its hashes behind it. */
  readonly path: string;
  readonly verity?: Verity;
}

/** Of one build: several of its formats have the same root. */
const made = new WeakMap<OutputContext, Map<RootFilesystem, Promise<RootImage>>>();

/** Writes the whole root of a machine, without its kernel. The same parts give the same bytes. */
export function makeRootFilesystem(
  filesystem: RootFilesystem,
  parts: MachineParts,
  context: OutputContext,
): Promise<RootImage> {
  const ofBuild = made.get(context) ?? new Map<RootFilesystem, Promise<RootImage>>();
  made.set(context, ofBuild);
  const image = ofBuild.get(filesystem) ?? makeAnew(filesystem, parts, context);
  ofBuild.set(filesystem, image);
  return image;
}

async function makeAnew(
  filesystem: RootFilesystem,
  parts: MachineParts,
  context: OutputContext,
): Promise<RootImage> {
  const { scratch } = context;
  const archive = join(scratch, 'root.tar');
  const tree = await wholeRoot(parts, context);
  await pipeline(writeTar(tree), createWriteStream(archive));
  const digest = await fileDigest(archive, scratch);
  const path = join(scratch, `root.${filesystem}`);
  if (filesystem === 'ext4') await writeExt4(tree, path, { digest, scratch });
  else await makeFromArchive(filesystem, { archive, image: path, digest }, context);
  await rm(archive);
  if (parts.root?.verity !== true) return { filesystem, path };
  return { filesystem, path, verity: await addVerity(path, digest) };
}

async function makeFromArchive(
  filesystem: Made,
  { archive, image, digest }: { archive: string; image: string; digest: string },
  { scratch, compression }: OutputContext,
): Promise<void> {
  const folder = await mkdtemp(join(scratch, 'root-'));
  const { tool, args } = MAKERS[filesystem];
  const words = args({ folder, image, compression, digest });
  try {
    await runCommand(
      'fakeroot',
      ['--', 'sh', '-c', UNPACK_AND_MAKE, 'sh', archive, folder, tool.command, ...words],
      { env: { TZ: 'UTC', ...(filesystem === 'iso9660' && { SOURCE_DATE_EPOCH: '315532800' }) } },
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function wholeRoot(
  parts: MachineParts,
  context: OutputContext,
): Promise<ReturnType<typeof mergeTrees>> {
  const kernelTree = await context.store.tree(parts.kernel);
  const sections = await rootSections(parts, context);
  return mergeTrees(
    ...sections.map(({ tree }) => tree),
    await modulesTree(parts, kernelTree, context.scratch),
    machineTree(parts),
  );
}
