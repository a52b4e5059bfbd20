/** What the store has, for people. */
import { readBlob } from './blobs.ts';
import type { ImageOrigin } from './image-store.ts';
import { type Descriptor, MEDIA_TYPE, parseManifest } from './oci-format.ts';
import { entryName, entryPlatform, originOf, readStoreIndex } from './store-index.ts';

export interface ListedImage {
  readonly name: string;
  readonly digest: string;
  /** With the variant where it is not the common one; '' when the entry does not say. */
  readonly architecture: string;
  /** Of its blobs; layers that other images share are counted for each. */
  readonly sizeBytes: number;
  readonly manifestBytes: number;
  readonly layers: readonly Descriptor[];
  /** Absent for what was made in the store. */
  readonly origin?: ImageOrigin;
}

/** By name. An entry whose blobs are gone is not an image any more. */
export async function listImages(layout: string): Promise<readonly ListedImage[]> {
  const listed: ListedImage[] = [];
  for (const entry of await readStoreIndex(layout)) {
    if (entry.mediaType === MEDIA_TYPE.index || entryName(entry) === '') continue;
    const text = await readBlob(layout, entry.digest).catch(() => undefined);
    if (text !== undefined) listed.push(listedImage(entry, text));
  }
  return listed;
}

function listedImage(entry: Descriptor, manifestText: string): ListedImage {
  const { config, layers } = parseManifest(manifestText, entryName(entry));
  const origin = originOf(entry);
  return {
    name: entryName(entry),
    digest: entry.digest,
    architecture: entryPlatform(entry),
    sizeBytes: [entry, config, ...layers].reduce((sum, { size }) => sum + size, 0),
    manifestBytes: entry.size,
    layers,
    ...(origin === undefined ? {} : { origin }),
  };
}
