/** A FAT32 file system in a disk's file, filled without mounting it: mkfs.fat(8) and mtools(1). */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../../host-command.ts';
import type { HostTool } from '../../host-tools.ts';
import { fileDataSize, streamFileData } from '../../rootfs/file-data.ts';
import type { FileData } from '../../rootfs/tree.ts';
import {
  clusterSectors,
  type DiskNames,
  DiskSizeError,
  type HostFile,
  LARGEST_FILE,
  SECTOR,
} from './disk-layout.ts';

export const FAT_TOOLS: readonly HostTool[] = [
  { command: 'mkfs.fat', package: 'dosfstools', why: 'make the boot partition' },
  { command: 'mcopy', package: 'mtools', why: 'fill the boot partition' },
];

/** FAT knows no time before 1980 (and mtools writes 2098 for 1970). */
export const SOURCE_DATE_EPOCH = '315532800';

const LABEL = 'ISHMAEL';

export interface FatFile {
  /** `EFI/BOOT/BOOTX64.EFI` */
  readonly path: string;
  readonly contents: HostFile | FileData | string;
}

export function fatFileBytes({ contents }: FatFile): number {
  if (typeof contents === 'string') return Buffer.byteLength(contents);
  return 'kind' in contents ? fileDataSize(contents) : contents.bytes;
}

/** Where in which file the file system is. */
export interface FatPlace {
  readonly image: string;
  readonly offset: number;
  readonly bytes: number;
}

export async function makeFat({ image, offset, bytes }: FatPlace, names: DiskNames): Promise<void> {
  await runCommand('mkfs.fat', [
    '-F',
    '32',
    '--invariant',
    '-s',
    String(clusterSectors(bytes)),
    '-i',
    names.volumeId,
    '-n',
    LABEL,
    '--offset',
    String(offset / SECTOR),
    image,
    String(bytes / 1024),
  ]);
}

/** Rejects with `DiskSizeError` for a file that FAT cannot hold. */
export async function fillFat(
  { image, offset }: FatPlace,
  files: readonly FatFile[],
  scratch: string,
): Promise<void> {
  const drive = ['-i', `${image}@@${offset}`];
  const mtools = (command: string, ...args: string[]): Promise<Buffer> =>
    runCommand(command, [...drive, ...args], {
      env: { SOURCE_DATE_EPOCH, TZ: 'UTC', MTOOLS_SKIP_CHECK: '1', MTOOLSRC: '/dev/null' },
    });
  const folders = new Set(files.flatMap(({ path }) => parents(path)));
  if (folders.size > 0) await mtools('mmd', ...Array.from(folders, (folder) => `::${folder}`));
  for (const [index, file] of files.entries()) {
    if (fatFileBytes(file) > LARGEST_FILE) {
      throw new DiskSizeError(`${file.path} has 4 GiB or more, which a boot partition cannot hold`);
    }
    const source = await asHostFile(file.contents, join(scratch, `fat-${index}`));
    await mtools('mcopy', source, `::${file.path}`);
  }
}

function parents(path: string): string[] {
  const names = path.split('/').slice(0, -1);
  return names.map((_, index) => names.slice(0, index + 1).join('/'));
}

async function asHostFile(contents: FatFile['contents'], path: string): Promise<string> {
  if (typeof contents === 'string') await writeFile(path, contents);
  else if ('kind' in contents) await writeFile(path, streamFileData(contents));
  else return contents.path;
  return path;
}
