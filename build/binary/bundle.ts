// One CommonJS file out of an entry in TypeScript and everything it imports.

import { isBuiltin } from 'node:module';
import { build, type Metafile } from 'esbuild';
import { BinaryError } from './binary-error.ts';

/** @throws BinaryError `bundle-failed` (esbuild's own words), `npm-package-bundled` */
export async function bundle(entry: string, root: string): Promise<Buffer> {
  const { outputFiles, metafile, warnings } = await build({
    entryPoints: [entry],
    // Paths in the metafile count from here, so that they say the same on every machine.
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node26',
    // Names stay: a stack trace from a machine's console has to be readable. So do lines, for the
    // same reason; measured, shorter text starts no faster once there is a code cache.
    minifySyntax: true,
    // V8 keeps a text of one-byte characters in half the memory.
    charset: 'ascii',
    legalComments: 'none',
    metafile: true,
    write: false,
    logLevel: 'silent',
  }).catch((cause: unknown) => {
    throw new BinaryError('bundle-failed', messageOf(cause), { cause });
  });
  const [first] = warnings;
  if (first !== undefined) throw new BinaryError('bundle-failed', `esbuild warns: ${first.text}`);
  const foreign = foreignInputs(metafile);
  if (foreign.length > 0) {
    throw new BinaryError(
      'npm-package-bundled',
      `PID 1 consists of this project's files and Node builtins only, not of ${foreign.join(', ')}`,
    );
  }
  const [output] = outputFiles;
  if (output === undefined) throw new BinaryError('bundle-failed', 'esbuild wrote nothing');
  return Buffer.from(output.contents);
}

/** What may not be in the binary: files of npm packages, and imports that are no Node builtin. */
export function foreignInputs(metafile: Metafile): readonly string[] {
  const packages = Object.keys(metafile.inputs).filter((path) => path.includes('node_modules/'));
  const imports = Object.values(metafile.outputs)
    .flatMap((output) => output.imports)
    .filter(({ external, path }) => external === true && !isBuiltin(path))
    .map(({ path }) => path);
  return [...packages, ...imports];
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
