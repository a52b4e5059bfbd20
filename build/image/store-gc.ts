/**
 * Keeping the store from growing for ever: blobs and unpacked layers that no image names any more are
 * removed once they are old enough that no other process can still be on its way to naming or reading them.
 */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { blobPath, readBlob } from './blobs.ts';
import { MEDIA_TYPE, parseIndex, parseManifest, type Descriptor } from './oci-format.ts';
import { unpackedPath } from './unpacked-layers.ts';

/** Longer than any build takes. */
const KEEP_MS = 60 * 60 * 1000;

/** To be called with the index locked. */
export async function removeUnreferenced(
  layout: string,
  manifests: readonly Descriptor[],
): Promise<void> {
  const used = new Set<string>();
  for (const descriptor of manifests) await collect(layout, descriptor, used);
  const keep = new Set([...used].flatMap((d) => [blobPath(layout, d), unpackedPath(layout, d)]));
  const oldest = Date.now() - KEEP_MS;
  for (const directory of [join(layout, 'blobs', 'sha256'), join(layout, 'unpacked')]) {
    for (const name of await readdir(directory).catch(() => [])) {
      const path = join(directory, name);
      if (keep.has(path)) continue;
      const status = await stat(path).catch(() => undefined);
      if (status !== undefined && status.mtimeMs < oldest) {
        await rm(path, { recursive: true, force: true });
      }
    }
  }
}

async function collect(layout: string, descriptor: Descriptor, used: Set<string>): Promise<void> {
  used.add(descriptor.digest);
  const text = await readBlob(layout, descriptor.digest).catch(() => undefined);
  // A name whose blob is gone names nothing more.
  if (text === undefined) return;
  if (descriptor.mediaType === MEDIA_TYPE.index) {
    for (const inner of parseIndex(text, descriptor.digest).manifests) {
      await collect(layout, inner, used);
    }
    return;
  }
  const { config, layers } = parseManifest(text, descriptor.digest);
  for (const { digest } of [config, ...layers]) used.add(digest);
}
