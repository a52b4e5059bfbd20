/**
 * An image from a registry into the store: find out what the reference means today, fetch the one image
 * for the platform into a layout of its own, then move it in whole. What an interrupted pull has
 * fetched stays there for the next one.
 */
import { createHash } from 'node:crypto';
import { link, mkdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Progress } from '../progress.ts';
import { withFileLock } from '../file-lock.ts';
import { adoptLayout } from './adopt-layout.ts';
import { blobPath } from './blobs.ts';
import { ImageSourceError } from './image-source-error.ts';
import type { Image } from './image-store.ts';
import { type Descriptor, isIndexType, parseIndex, parseManifest } from './oci-format.ts';
import { choosePlatform } from './platform.ts';
import { type RegistryReference, renderReference } from './reference.ts';
import { copyFromRegistry, inspectRaw } from './skopeo.ts';
import { bytesBelow, watchTransfer } from '../watch-transfer.ts';

export interface PullRequest {
  readonly store: string;
  readonly architecture: string;
  readonly reference: RegistryReference;
  /** Pins what the reference means, whatever its tag says by now. */
  readonly digest?: string;
  /** Places to ask first, in order. */
  readonly mirrors: readonly RegistryMirror[];
  readonly progress: Progress;
  /** Called before anything is fetched; rejects to forbid it, resolves with the fingerprint of the key. */
  readonly verify?: (found: ResolvedReference) => Promise<string>;
}

/** `registry` is asked at `mirror` (a registry, perhaps with a path) first. */
export interface RegistryMirror {
  readonly registry: string;
  readonly mirror: string;
}

/** What a reference means right now. */
export interface ResolvedReference {
  /** Where it was found: the reference, or the same at a mirror; pinned. */
  readonly at: RegistryReference;
  /** Of the index, or of the manifest where there is none. */
  readonly digest: string;
  readonly manifest: { readonly digest: string; readonly layers: readonly Descriptor[] };
}

/** Rejects with `ImageSourceError`, `ImageFormatError` or `MissingToolError`. */
export async function pullImage(request: PullRequest): Promise<Image> {
  const { store, architecture, progress } = request;
  const name = renderReference(request.reference);
  const resolved = await resolveReference(request);
  const verifiedBy = await request.verify?.(resolved);
  const { layers } = resolved.manifest;
  const partial = partialDir(store, `${resolved.manifest.digest} ${architecture}`);
  return await withFileLock(`${partial}.lock`, async () => {
    await mkdir(partial, { recursive: true });
    for (const { digest } of layers) await borrow(store, partial, digest);
    const total = layers.reduce((sum, { size }) => sum + size, 0);
    // Whole blobs, and those that skopeo is writing (beside them, under names of its own).
    const fetched = (): Promise<number> => bytesBelow(partial);
    const stopWatching = watchTransfer({ name, total, fetched, progress });
    try {
      const at = { ...resolved.at, digest: resolved.manifest.digest };
      const transfer = { source: name, progress };
      await copyFromRegistry(at, `oci:${partial}:image`, architecture, transfer);
    } finally {
      stopWatching();
    }
    const origin = {
      source: name,
      digest: resolved.digest,
      manifest: resolved.manifest.digest,
      ...(verifiedBy === undefined ? {} : { verifiedBy }),
    };
    const image = await adoptLayout({ store, from: partial, name, architecture, origin });
    await rm(partial, { recursive: true });
    return image;
  });
}

/** Where a transfer under way is kept: in the store's folder, so that moving in is a rename. */
export function partialDir(store: string, what: string): string {
  return join(store, 'partial', createHash('sha256').update(what).digest('hex').slice(0, 32));
}

async function resolveReference(request: PullRequest): Promise<ResolvedReference> {
  const { reference, mirrors } = request;
  const places = mirrors
    .filter(({ registry }) => registry === reference.registry)
    .map(({ mirror }) => atMirror(reference, mirror));
  for (const place of places) {
    try {
      return await resolveAt(place, request);
    } catch (error) {
      if (!(error instanceof ImageSourceError) || error.code === 'damaged') throw error;
      request.progress(`${error.message}; asking ${reference.registry} instead`);
    }
  }
  return await resolveAt(reference, request);
}

async function resolveAt(
  place: RegistryReference,
  { architecture, progress, ...request }: PullRequest,
): Promise<ResolvedReference> {
  const pinned = request.digest ?? request.reference.digest;
  const at = pinned === undefined ? place : { ...place, digest: pinned };
  const source = renderReference(at);
  const transfer = { source, progress };
  const text = await inspectRaw(at, transfer);
  const digest = digestOf(text);
  if (pinned !== undefined && digest !== pinned) {
    throw new ImageSourceError('damaged', source, `the registry answers with ${digest}`);
  }
  if (!isIndexType(text)) return { at, digest, manifest: manifestOf(text, source) };
  const { manifests } = parseIndex(text.toString(), source);
  const ours = choosePlatform(manifests, architecture);
  if (ours === undefined) {
    const why = `it has no image for linux/${architecture}`;
    throw new ImageSourceError('wrong-platform', source, why);
  }
  const inner = await inspectRaw({ ...at, digest: ours.digest }, transfer);
  return { at, digest, manifest: manifestOf(inner, source) };
}

function manifestOf(text: Buffer, source: string): ResolvedReference['manifest'] {
  return {
    digest: digestOf(text),
    layers: parseManifest(text.toString(), `the manifest of ${source}`).layers,
  };
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function atMirror(reference: RegistryReference, mirror: string): RegistryReference {
  const slash = mirror.indexOf('/');
  if (slash === -1) return { ...reference, registry: mirror };
  const repository = `${mirror.slice(slash + 1)}/${reference.repository}`;
  return { ...reference, registry: mirror.slice(0, slash), repository };
}

/** A layer that the store has already need not be fetched: skopeo finds it in place. */
async function borrow(store: string, partial: string, digest: string): Promise<void> {
  const [from, to] = [blobPath(store, digest), blobPath(partial, digest)];
  if (await stat(from).catch(() => undefined)) {
    await mkdir(dirname(to), { recursive: true });
    // Already there from an interrupted pull, or gone since: then it is fetched.
    await link(from, to).catch(() => undefined);
  }
}
