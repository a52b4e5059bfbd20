/**
 * Output files that are either whole and new, or the old ones: written beside, then renamed.
 */
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { runCommand } from '../host-command.ts';

export type OutputFile =
  | {
      readonly path: string;
      /** Read one after another; each is opened only when its turn has come. */
      readonly parts: Parts;
    }
  | {
      readonly path: string;
      /** A file that has it all already, and may have holes, which stay. */
      readonly from: string;
    };

export type Parts = readonly (() => Readable)[];

/**
 * Writes all files, and puts them in place only when every one is complete. On any failure (a full
 * disk, say) the old files are untouched and nothing new is left. Rejects with the errno error.
 */
export async function writeWhole(files: readonly OutputFile[]): Promise<void> {
  const beside = (file: OutputFile): string => `${file.path}.${process.pid}.new`;
  try {
    for (const file of files) {
      await mkdir(dirname(file.path), { recursive: true });
      if ('from' in file) await runCommand('cp', ['--sparse=always', file.from, beside(file)]);
      else await pipeline(concatenate(file.parts), createWriteStream(beside(file)));
    }
    for (const file of files) await rename(beside(file), file.path);
  } finally {
    await Promise.all(files.map((file) => rm(beside(file), { force: true })));
  }
}

/** A file of the output: what stands behind the machine's name, and its contents. */
export function outputFile(
  { dir, name }: { readonly dir: string; readonly name: string },
  suffix: string,
  parts: Parts,
): OutputFile {
  return { path: join(dir, `${name}${suffix}`), parts };
}

export function text(contents: string): () => Readable {
  return () => Readable.from([Buffer.from(contents)]);
}

async function* concatenate(parts: Parts): AsyncGenerator<Buffer> {
  for (const open of parts) yield* open() as AsyncIterable<Buffer>;
}
