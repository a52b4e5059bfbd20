/** Which kind of image a plain path holds. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { extract } from 'tar-stream';
import { normalisePath } from '../rootfs/path.ts';
import type { FileSource } from './image-source.ts';

/** `undefined` for a file that is neither an OCI layout nor what `docker save` writes. */
export async function detectArchive(path: string): Promise<FileSource | undefined> {
  if ((await stat(path)).isDirectory()) return { kind: 'file', transport: 'oci', path };
  const entries = extract();
  const source = createReadStream(path, { highWaterMark: 1 << 20 });
  source.on('error', (error) => entries.destroy(error)).pipe(entries);
  try {
    for await (const entry of entries) {
      const name = normalisePath(entry.header.name);
      // Docker writes archives that are both since version 25; the layout says more.
      if (name === 'oci-layout') return { kind: 'file', transport: 'oci-archive', path };
      if (name === 'manifest.json') return { kind: 'file', transport: 'docker-archive', path };
      entry.resume();
    }
  } catch {
    // No tar archive: skopeo would say so at more length.
    return undefined;
  } finally {
    source.destroy();
  }
  return undefined;
}
