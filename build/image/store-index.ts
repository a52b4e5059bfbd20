/**
 * `index.json` of the store: which names there are, for which platform, and where each came from. It is
 * replaced whole, by one process at a time.
 */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoCode } from '../../sys/errno.ts';
import { withFileLock } from '../file-lock.ts';
import { replaceFile } from './blobs.ts';
import type { ImageOrigin } from './image-store.ts';
import { MEDIA_TYPE, parseIndex, REF_NAME, type Descriptor } from './oci-format.ts';
import { platformName } from './platform.ts';
import { pinnedDigest, storedNames } from './reference.ts';
import { diskUsage, removeUnreferenced } from './store-gc.ts';

/** Kept with a name: `ImageOrigin`, field by field. */
const ORIGIN = {
  source: 'ishmael.image.source',
  digest: 'ishmael.image.digest',
  manifest: 'ishmael.image.manifest',
  stamp: 'ishmael.image.stamp',
  verifiedBy: 'ishmael.image.verified-by',
} as const;

export async function readStoreIndex(layout: string): Promise<readonly Descriptor[]> {
  const path = join(layout, 'index.json');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return [];
    throw error;
  }
  return parseIndex(text, path).manifests;
}

/** Replaces the list of names, then removes what no name leads to and nobody can be about to name. */
export async function changeStoreIndex(
  layout: string,
  change: (entries: readonly Descriptor[]) => readonly Descriptor[],
): Promise<void> {
  await withFileLock(join(layout, '.lock'), async () => {
    const changed = change(await readStoreIndex(layout));
    const sorted = changed.toSorted((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
    await writeIndex(layout, sorted);
    await removeUnreferenced(layout, sorted);
  });
}

/** Removes at once what no name leads to. Resolves with the bytes of the disk that it freed. */
export async function pruneStore(layout: string): Promise<number> {
  return await withFileLock(join(layout, '.lock'), async () => {
    const partial = join(layout, 'partial');
    const freed = await diskUsage(partial);
    await rm(partial, { recursive: true, force: true });
    return freed + (await removeUnreferenced(layout, await readStoreIndex(layout), 0));
  });
}

/** The list with an entry in the place of the one that had its name and platform. */
export function withEntry(
  entries: readonly Descriptor[],
  entry: Descriptor,
): readonly Descriptor[] {
  return [...entries.filter((other) => sortKey(other) !== sortKey(entry)), entry];
}

/** The entry a reference leads to, on the architecture that is asked for. */
export async function lookUp(
  layout: string,
  reference: string,
  architecture: string,
): Promise<Descriptor | undefined> {
  const all = await readStoreIndex(layout);
  const entries = all.filter(
    (entry) => entry.platform === undefined || entryPlatform(entry) === architecture,
  );
  const names = storedNames(reference);
  const pinned = pinnedDigest(reference);
  return (
    (pinned === undefined ? undefined : entries.find((entry) => hasDigest(entry, pinned))) ??
    names
      .map((name) => entries.find((entry) => entryName(entry) === name))
      .find((entry) => entry !== undefined && (pinned === undefined || hasDigest(entry, pinned)))
  );
}

/** Whether a digest means this image: its own here, or one it had where it came from. */
export function hasDigest(entry: Descriptor, digest: string): boolean {
  const { annotations } = entry;
  return (
    entry.digest === digest ||
    annotations?.[ORIGIN.digest] === digest ||
    annotations?.[ORIGIN.manifest] === digest
  );
}

/** '' for an entry that another tool left without a name. */
export function entryName(entry: Descriptor): string {
  return entry.annotations?.[REF_NAME] ?? '';
}

export function originOf(entry: Descriptor): ImageOrigin | undefined {
  const read = (field: keyof ImageOrigin): string | undefined => entry.annotations?.[ORIGIN[field]];
  const [source, digest] = [read('source'), read('digest')];
  if (source === undefined || digest === undefined) return undefined;
  const [manifest, stamp, verifiedBy] = [read('manifest'), read('stamp'), read('verifiedBy')];
  return {
    source,
    digest,
    ...(manifest === undefined ? {} : { manifest }),
    ...(stamp === undefined ? {} : { stamp }),
    ...(verifiedBy === undefined ? {} : { verifiedBy }),
  };
}

export function originAnnotations(origin: ImageOrigin): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(origin).map(([field, value]: [string, string]) => [
      ORIGIN[field as keyof ImageOrigin],
      value,
    ]),
  );
}

/** '' for an entry that another tool left without a platform. */
export function entryPlatform({ platform }: Descriptor): string {
  return platform === undefined ? '' : platformName(platform);
}

function sortKey(entry: Descriptor): string {
  return `${entryName(entry)} ${entryPlatform(entry)}`;
}

async function writeIndex(layout: string, manifests: readonly Descriptor[]): Promise<void> {
  await replaceFile(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  const index = { schemaVersion: 2, mediaType: MEDIA_TYPE.index, manifests };
  await replaceFile(join(layout, 'index.json'), `${JSON.stringify(index, null, 2)}\n`);
}
