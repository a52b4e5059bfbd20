/** The faulty init as a file, made from its entry as the product's is from init/main.ts. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NODE, REPOSITORY } from '../../../build/binary/build-init-binary.ts';
import { bundle } from '../../../build/binary/bundle.ts';
import { fileDigest } from '../../../build/binary/file-digest.ts';
import { packBinary } from '../../../build/binary/pack-binary.ts';
import { strippedNode } from '../../../build/binary/stripped-node.ts';
import { DEATH_WINDOW_MS } from '../../../init/generation-plan.ts';
import { cacheDir } from '../../../build/cache-dir.ts';
import { withFileLock } from '../../../build/file-lock.ts';

/** Where an image's `files` takes it from. */
const OUTPUT = join(REPOSITORY, 'dist/vm/faulty-init');
const STAMP = `${OUTPUT}.stamp`;

/** Up to date when this resolves; made only when an input has changed. */
export async function buildFaultyInit(): Promise<void> {
  const script = patient(await bundle(join(import.meta.dirname, 'faulty-init.ts'), REPOSITORY));
  const digest = await fileDigest(NODE, join(cacheDir(), 'digests'));
  const inputs = createHash('sha256').update(digest).update(script).digest('hex');
  await mkdir(join(REPOSITORY, 'dist/vm'), { recursive: true });
  await withFileLock(`${OUTPUT}.lock`, async () => {
    if ((await readFile(STAMP, 'utf8').catch(() => '')) === inputs) return;
    const node = await strippedNode(NODE, digest, cacheDir());
    await packBinary({ script, name: 'faulty-init', node, output: OUTPUT });
    await writeFile(STAMP, inputs);
  });
}

/**
 * Five deaths take a machine that is emulated on a busy host nearly the minute in which they have to fall (init/generation-plan.ts), so
 * here it is three. The figure of the product is that of unit tests.
 */
function patient(script: Buffer): Buffer {
  const [before, after, ...more] = script.toString().split(WINDOW);
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error('the window of generation-plan.ts is not where it was');
  }
  return Buffer.from(`${before}< ${DEATH_WINDOW_MS * 3}${after}`);
}

/** As esbuild has it: "nowMs - each.atMs < 6e4". */
const WINDOW = /(?<=nowMs - each\.atMs )< (?:DEATH_WINDOW_MS|6e4|60000)\b/;
