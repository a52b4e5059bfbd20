// From an entry in TypeScript to one executable: bundle, strip, inject, trim. Knows nothing of PID 1.

import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../host-command.ts';
import { CACHE_FLAGS, GUEST_FLAGS } from './guest-flags.ts';
import type { PkgJob } from './pkg-sea.ts';
import { trimBinary } from './trim-binary.ts';

export interface PackOptions {
  /** The bundled program: CommonJS, Node builtins only. */
  readonly script: Buffer;
  /** What stack traces call the program; becomes part of the binary. */
  readonly name: string;
  /** A Node without symbols; it runs here too, to make the code cache. */
  readonly node: string;
  /** The same Node for this machine, when `node` is for another architecture: then there is no code cache. */
  readonly runner?: string;
  /** Replaced in one step when all is done; its directory is made. */
  readonly output: string;
  /** Default true. Tests compare both. */
  readonly trim?: boolean;
  readonly progress?: (line: string) => void;
}

/**
 * Same bytes for the same script and Node. One call per output at a time: the work is done in a
 * directory beside it, which a call that was killed leaves behind for the next one to remove.
 *
 * @throws CommandError when pkg fails; BinaryError, see trimBinary
 */
export async function packBinary(options: PackOptions): Promise<void> {
  const { progress = () => undefined, output } = options;
  const work = `${output}.work`;
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  try {
    const packed = join(work, 'packed');
    progress('putting the program into Node');
    await inject(options, work, packed);
    if (options.trim ?? true) {
      const trimmed = trimBinary(await readFile(packed));
      progress(`keeping ${trimmed.itemsKept} of ${trimmed.itemsBefore} items of ICU data`);
      await writeFile(packed, trimmed.bytes);
    }
    await rename(packed, output);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function inject(options: PackOptions, work: string, output: string): Promise<void> {
  const script = join(work, `${options.name}.js`);
  await writeFile(script, options.script);
  const job: PkgJob = {
    node: options.node,
    ...(options.runner === undefined ? {} : { runner: options.runner }),
    script,
    output,
    execArgv: GUEST_FLAGS,
    cacheFlags: CACHE_FLAGS,
  };
  const program = fileURLToPath(new URL('pkg-sea.ts', import.meta.url));
  // pkg makes its temporary directory below TMPDIR.
  await runCommand(options.runner ?? options.node, [program, JSON.stringify(job)], {
    env: { TMPDIR: work },
  });
}
