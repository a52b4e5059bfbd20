// A copy of the pinned Node without its symbols, made once per Node and kept in the cache: 150 → 116 MB.

import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../host-command.ts';
import { type HostTool, requireTools } from '../host-tools.ts';

const STRIP: HostTool = { command: 'strip', package: 'binutils', why: 'strip the Node binary' };

/** For a Node of another architecture. */
export const FOREIGN_STRIP: HostTool = {
  command: 'aarch64-linux-gnu-strip',
  package: 'binutils-aarch64-linux-gnu',
  why: 'strip the Node binary for arm64',
};

/**
 * Path of the stripped copy of `node`, whose digest is `digest`. Two processes may do this at once:
 * each works on its own copy, and the second rename replaces a file by its equal.
 *
 * @throws MissingToolError; CommandError
 */
export async function strippedNode(
  node: string,
  digest: string,
  cacheDir: string,
  strip: HostTool = STRIP,
): Promise<string> {
  const directory = join(cacheDir, 'node');
  const stripped = join(directory, `${digest}-stripped`);
  if (await stat(stripped).catch(() => undefined)) return stripped;

  await requireTools([strip]);
  await mkdir(directory, { recursive: true });
  const work = await mkdtemp(join(directory, 'strip-'));
  try {
    const output = join(work, 'node');
    await runCommand(strip.command, ['-o', output, node]);
    await rename(output, stripped);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return stripped;
}
