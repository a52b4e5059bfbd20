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

/**
 * To be called with the index locked. Resolves with the bytes of the disk that it freed.
 * @param keepMs how old something must be to be removed
 */
export async function removeUnreferenced(
  layout: string,
  manifests: readonly Descriptor[],
  keepMs: number = KEEP_MS,
): Promise<number> {
  const used = new Set<string>();
  for (const descriptor of manifests) await collect(layout, descriptor, used);
  const keep = new Set([...used].flatMap((d) => [blobPath(layout, d), unpackedPath(layout, d)]));
  const oldest = Date.now() - keepMs;
  let freed = 0;
  for (const directory of [join(layout, 'blobs', 'sha256'), join(layout, 'unpacked')]) {
    for (const name of await readdir(directory).catch(() => [])) {
      const path = join(directory, name);
      if (keep.has(path)) continue;
      const status = await stat(path).catch(() => undefined);
      if (status === undefined || status.mtimeMs > oldest) continue;
      freed += await diskUsage(path);
      await rm(path, { recursive: true, force: true });
    }
  }
  return freed;
}

/** What a file, or a folder and all in it, takes on the disk. */
export async function diskUsage(path: string): Promise<number> {
  const inside = await readdir(path, { recursive: true }).catch(() => []);
  const sizes = await Promise.all(
    ['', ...inside].map(async (name) => {
      const status = await stat(join(path, name)).catch(() => undefined);
      return (status?.blocks ?? 0) * 512;
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
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
