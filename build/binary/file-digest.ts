// The SHA-256 of a big file that hardly ever changes, remembered between runs: hashing the 150 MB of
// Node takes longer than everything else a warm build does.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/**
 * The digest in hex. A file counts as unchanged while device, inode, size and both times are the same;
 * npm and every other tool that replaces a file gives it another inode or change time.
 */
export async function fileDigest(path: string, memoryDir: string): Promise<string> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  const memory = join(memoryDir, [dev, ino, size, mtimeNs, ctimeNs].join('-'));
  // No memory of this file yet, or one that a crash cut short: hash again.
  const known = await readFile(memory, 'utf8').catch(() => '');
  if (/^[0-9a-f]{64}$/.test(known)) return known;

  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  const digest = hash.digest('hex');
  await mkdir(memoryDir, { recursive: true });
  await writeFile(memory, digest);
  return digest;
}
