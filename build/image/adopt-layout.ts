/**
 * The last step of every way in: an image that is complete in a layout of its own becomes one of the
 * store. Blobs are renamed, the name comes last; a store that is read meanwhile never has half an image.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { blobPath, hasBlob, readBlob } from './blobs.ts';
import { ImageSourceError } from './image-source-error.ts';
import type { Image, ImageOrigin } from './image-store.ts';
import {
  MEDIA_TYPE,
  parseConfig,
  parseIndex,
  parseManifest,
  REF_NAME,
  type Descriptor,
} from './oci-format.ts';
import { ociPlatform } from './platform.ts';
import { changeStoreIndex, originAnnotations, withEntry } from './store-index.ts';

export interface Adoption {
  /** The store's layout, and the one that holds exactly the new image; on one filesystem. */
  readonly store: string;
  readonly from: string;
  /** As the store is to name it. */
  readonly name: string;
  readonly architecture: string;
  /** Without `digest` the digest that the image has in the store pins it. */
  readonly origin: Omit<ImageOrigin, 'digest'> & { readonly digest?: string };
}

/** Rejects with `ImageSourceError` for an incomplete, damaged or foreign image; the store is then as it was. */
export async function adoptLayout(adoption: Adoption): Promise<Image> {
  const { store, from, name, architecture, origin } = adoption;
  const manifest = await onlyManifest(adoption);
  const { config, layers } = parseManifest(
    await checkedBlob(from, manifest, origin.source),
    `the manifest of ${name}`,
  );
  const configText = await checkedBlob(from, config, origin.source);
  checkArchitecture(configText, architecture, origin.source);
  const fullOrigin: ImageOrigin = { ...origin, digest: origin.digest ?? manifest.digest };
  const entry: Descriptor = {
    mediaType: MEDIA_TYPE.manifest,
    digest: manifest.digest,
    size: manifest.size,
    platform: ociPlatform(architecture),
    annotations: { ...originAnnotations(fullOrigin), [REF_NAME]: name },
  };
  for (const layer of layers) {
    if (await hasBlob(from, layer)) continue;
    throw new ImageSourceError('damaged', origin.source, `its layer ${layer.digest} is missing`);
  }
  for (const { digest } of [...layers, config, manifest]) await move(from, store, digest);
  await changeStoreIndex(store, (entries) => withEntry(entries, entry));
  return {
    reference: name,
    digest: manifest.digest,
    config: parseConfig(configText, `the config of ${name}`),
    origin: fullOrigin,
  };
}

async function onlyManifest({ from, origin }: Adoption): Promise<Descriptor> {
  const path = join(from, 'index.json');
  const { manifests } = parseIndex(await readFile(path, 'utf8'), path);
  const [manifest, another] = manifests;
  if (manifest !== undefined && another === undefined) return manifest;
  throw new ImageSourceError(
    'failed',
    origin.source,
    `${manifests.length} images came instead of 1`,
  );
}

/** A small blob that is what its name says. Layers are checked when they are unpacked. */
async function checkedBlob(layout: string, blob: Descriptor, source: string): Promise<string> {
  const text = await readBlob(layout, blob.digest);
  const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
  if (digest === blob.digest) return text;
  throw new ImageSourceError('damaged', source, `the contents of ${blob.digest} are ${digest}`);
}

const platformSchema = z.object({ os: z.string().optional(), architecture: z.string().optional() });

/** The variant is not looked at: many an image does not say it, and an index has chosen by it. */
function checkArchitecture(configText: string, platform: string, source: string): void {
  const wanted = ociPlatform(platform).architecture;
  const { os = 'linux', architecture = wanted } = platformSchema.parse(JSON.parse(configText));
  if (os === 'linux' && architecture === wanted) return;
  const why = `it is for ${os}/${architecture}, not linux/${wanted}`;
  throw new ImageSourceError('wrong-platform', source, why);
}

async function move(from: string, store: string, digest: string): Promise<void> {
  const target = blobPath(store, digest);
  await mkdir(dirname(target), { recursive: true });
  const source = blobPath(from, digest);
  // Until the name is written the blob is one that no name leads to: it must not look like an old one.
  const now = new Date();
  await utimes(source, now, now);
  await rename(source, target);
}
