/**
 * An initrd is several compressed cpio archives, one after another: the kernel unpacks them in order.
 * Each part of a machine (its root, its modules, each container image) is a segment of its own,
 * compressed once at a level too slow to repeat, and kept in the cache under what it was made from.
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { access, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress, type ZstdCompress } from 'node:zlib';
import { errnoCode } from '../../sys/errno.ts';
import { encodeCpio } from '../archive/cpio.ts';
import { cacheDir } from '../cache-dir.ts';
import { fileDataSize, streamFileData } from '../rootfs/file-data.ts';
import type { Tree } from '../rootfs/tree.ts';
import { segmentFiles, type SegmentFiles } from './initrd-files.ts';

/** Changes whenever the same tree would give other bytes. */
const FORMAT = 'cpio-newc zstd w23 v1';

/** An archive in the cache, and what is in it. */
export interface Segment {
  readonly path: string;
  readonly files: SegmentFiles;
}

/** `best` is worth its minutes for an image that is kept; `quick` makes it a third larger in seconds. */
export type Compression = 'best' | 'quick';

const LEVELS: Record<Compression, number> = { best: 19, quick: 3 };

/**
 * 8 MiB: the largest window that costs the kernel no more memory than it has to spare at that time,
 * and within what every decompressor in the field accepts.
 */
const WINDOW_LOG = 23;

const FILES = { read: streamFileData, size: fileDataSize };

/**
 * A segment, made when the cache has none.
 * @param inputs what the tree is made from (digests, versions): equal inputs must give equal trees
 * @param tree called only when the segment has to be made; `scratch` is a directory for what it
 *   unpacks, removed afterwards
 */
export async function cachedSegment(
  compression: Compression,
  inputs: readonly string[],
  tree: (scratch: string) => Promise<Tree>,
  onMake: () => void,
): Promise<Segment> {
  const key = createHash('sha256')
    .update(JSON.stringify([FORMAT, LEVELS[compression], ...inputs]))
    .digest('hex');
  const directory = join(cacheDir(), 'initrd');
  const path = join(directory, `${key}.cpio.zst`);
  const listing = `${path}.files`;
  const known = await readListing(path, listing);
  if (known !== undefined) return { path, files: known };
  onMake();
  await mkdir(directory, { recursive: true });
  const scratch = await mkdtemp(join(directory, 'making-'));
  try {
    const made = await tree(scratch);
    const files = segmentFiles(made);
    await writeFile(join(scratch, 'files'), JSON.stringify(files));
    await rename(join(scratch, 'files'), listing);
    const source = Readable.from(encodeCpio(made, FILES));
    const beside = join(scratch, 'segment');
    await pipeline(source, compressor(LEVELS[compression]), createWriteStream(beside));
    await rename(beside, path);
    return { path, files };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** A segment too small and too changeable to be worth keeping. */
export function quickSegment(tree: Tree): Readable {
  const source = Readable.from(encodeCpio(tree, FILES));
  return source.compose(compressor(LEVELS.quick));
}

export function readSegment(path: string): Readable {
  return createReadStream(path, { highWaterMark: 1 << 20 });
}

function compressor(level: number): ZstdCompress {
  return createZstdCompress({
    params: {
      [constants.ZSTD_c_compressionLevel]: level,
      [constants.ZSTD_c_windowLog]: WINDOW_LOG,
    },
  });
}

/** The list of a segment that is there; `undefined` when it, or its list, is not. */
async function readListing(path: string, listing: string): Promise<SegmentFiles | undefined> {
  try {
    await access(path);
    return JSON.parse(await readFile(listing, 'utf8')) as SegmentFiles;
  } catch (error) {
    if (errnoCode(error) === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
