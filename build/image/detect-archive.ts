/** Which kind of image a plain path holds. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { decodeTar } from '../../supervisor/tar/decode-tar.ts';
import { TarError } from '../../supervisor/tar/tar-error.ts';
import type { FileSource } from './image-source.ts';

/** `undefined` for a file that is neither an OCI layout nor what `docker save` writes. */
export async function detectArchive(path: string): Promise<FileSource | undefined> {
  if ((await stat(path)).isDirectory()) return { kind: 'file', transport: 'oci', path };
  try {
    for await (const { header } of decodeTar(createReadStream(path, { highWaterMark: 1 << 20 }))) {
      const name = header.name.replace(/^\.\//u, '');
      // Docker writes archives that are both since version 25; the layout says more.
      if (name === 'oci-layout') return { kind: 'file', transport: 'oci-archive', path };
      if (name === 'manifest.json') return { kind: 'file', transport: 'docker-archive', path };
    }
  } catch (error) {
    // No tar archive, so none that holds an image.
    if (!(error instanceof TarError)) throw error;
  }
  return undefined;
}
