/**
 * Makes sure that the store has the images a configuration names: takes what is there and is what the
 * lock says, fetches the rest. A failure is told per reference, so that a person sees all of them.
 */
import type { Progress } from '../progress.ts';
import type { Lock, LockedImage } from '../config/lock-file.ts';
import { buildDockerfile, contextStamp } from './build-dockerfile.ts';
import { type ImageSource, parseImageSource } from './image-source.ts';
import { ImageSourceError } from './image-source-error.ts';
import type { Image } from './image-store.ts';
import { fileStamp, importImage } from './import-image.ts';
import { ImageFormatError } from './oci-format.ts';
import type { WritableImageStore } from './oci-layout.ts';
import { pullImage, type RegistryMirror } from './pull-image.ts';
import { nameInStore } from './name-in-store.ts';
import { renderReference } from './reference.ts';
import type { SignatureCheck } from './signature/check-signature.ts';
import { changeStoreIndex, entryPlatform, originAnnotations, originOf } from './store-index.ts';

export interface EnsureImagesOptions {
  readonly store: WritableImageStore;
  readonly lock: Lock;
  /** Fail rather than take anything that the lock does not say. */
  readonly locked: boolean;
  /** Never use the network. */
  readonly offline: boolean;
  /** Ask the sources again, whatever the store and the lock have. */
  readonly refresh: boolean;
  readonly mirrors: readonly RegistryMirror[];
  readonly progress: Progress;
  /** Absent: nobody asks for signatures. */
  readonly signatures?: SignatureCheck;
}

export interface EnsuredImages {
  /** By reference, as asked for. */
  readonly images: ReadonlyMap<string, Image>;
  /** Why an image could not be had, by reference. */
  readonly errors: ReadonlyMap<string, ImageSourceError | ImageFormatError>;
  /** What was used, for the lock file. */
  readonly used: Lock;
}

/** Rejects only with what concerns all images: `MissingToolError`, a broken store, a full disk. */
export async function ensureImages(
  references: readonly string[],
  options: EnsureImagesOptions,
): Promise<EnsuredImages> {
  const images = new Map<string, Image>();
  const errors = new Map<string, ImageSourceError | ImageFormatError>();
  const used = new Map<string, LockedImage>();
  const queue = [...new Set(references)];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      try {
        const image = await ensureImage(next, options);
        images.set(next, image);
        used.set(next, lockOf(next, image));
      } catch (error) {
        if (!(error instanceof ImageSourceError || error instanceof ImageFormatError)) throw error;
        errors.set(next, error);
      }
    }
  };
  // Two at a time: one waits for its registry while the other's layers are written.
  await Promise.all([worker(), worker()]);
  return { images, errors, used };
}

async function ensureImage(reference: string, options: EnsureImagesOptions): Promise<Image> {
  const source = parseImageSource(reference);
  if (source === undefined) {
    throw new ImageSourceError('failed', reference, 'this is no name of an image');
  }
  const pinned = options.lock.get(reference)?.digest;
  if (options.locked && pinned === undefined) {
    throw new ImageSourceError('rejected', reference, 'ishmael.lock does not have it (--locked)');
  }
  const image = await signed(reference, source, await obtain(reference, source, options), options);
  if (!options.locked || pinned === undefined || isImage(image, pinned)) return image;
  const now = lockOf(reference, image).digest;
  throw new ImageSourceError(
    'rejected',
    reference,
    `it is ${now} now, and ishmael.lock has ${pinned} (--locked)`,
  );
}

/** The image, once its signature is known to be right where one is asked for. */
async function signed(
  reference: string,
  source: ImageSource,
  image: Image,
  { signatures, offline, store }: EnsureImagesOptions,
): Promise<Image> {
  if (signatures === undefined || signatures.isExempt(reference)) return image;
  const { origin } = image;
  if (await signatures.isTrusted(reference, origin?.verifiedBy)) return image;
  // What came from elsewhere than a registry has no place where signatures would be.
  if (source.kind !== 'registry' || origin?.source !== renderReference(source.reference)) {
    const why = 'it must be signed, and did not come from a registry (verify)';
    throw new ImageSourceError('rejected', reference, why);
  }
  if (offline) throw offlineError(reference, 'its signature has not been checked yet');
  const digests = [origin.digest, origin.manifest ?? origin.digest];
  const { architecture } = store;
  const verifiedBy = await signatures.check({
    reference,
    at: source.reference,
    digests,
    architecture,
  });
  await rememberVerified(store, image, verifiedBy);
  return image;
}

/** So that the next build needs no network for it. */
async function rememberVerified(
  { directory, architecture }: WritableImageStore,
  image: Image,
  verifiedBy: string,
): Promise<void> {
  await changeStoreIndex(directory, (entries) =>
    entries.map((entry) => {
      const isIt = entry.digest === image.digest && entryPlatform(entry) === architecture;
      const origin = originOf(entry);
      if (!isIt || origin?.source !== image.origin?.source || origin === undefined) return entry;
      const annotations = { ...entry.annotations, ...originAnnotations({ ...origin, verifiedBy }) };
      return { ...entry, annotations };
    }),
  );
}

/** Whether a digest means this image: its own here, or one it had where it came from. */
export function isImage({ digest, origin }: Image, wanted: string): boolean {
  return [digest, origin?.digest, origin?.manifest].includes(wanted);
}

async function obtain(
  reference: string,
  source: ImageSource,
  options: EnsureImagesOptions,
): Promise<Image> {
  const { store, offline, refresh, progress } = options;
  const { architecture, directory } = store;
  const common = { store: directory, architecture, source: reference };
  const name = nameInStore(reference);
  const present = await store.find(name);
  switch (source.kind) {
    case 'registry':
      return await fromRegistry(reference, source, options);
    case 'file': {
      const stamp = await fileStamp(source, reference);
      if (present?.origin?.stamp === stamp) return present;
      progress(`importing ${reference}`);
      return await importImage({ ...common, from: source, name, stamp });
    }
    case 'engine':
      if (present !== undefined && !refresh) return present;
      progress(`importing ${reference}`);
      return await importImage({ ...common, from: source, name });
    case 'dockerfile': {
      const stamp = await contextStamp(source, reference);
      if (present?.origin?.stamp === stamp && !refresh) return present;
      if (offline) throw offlineError(reference, 'building it may need the network');
      return await buildDockerfile({ ...common, from: source, name, stamp, refresh, progress });
    }
  }
}

async function fromRegistry(
  reference: string,
  source: ImageSource & { readonly kind: 'registry' },
  options: EnsureImagesOptions,
): Promise<Image> {
  const { store, lock, locked, offline, mirrors, progress, signatures } = options;
  const refresh = options.refresh && !locked;
  const pinned = source.reference.digest ?? (refresh ? undefined : lock.get(reference)?.digest);
  const present = await store.find(reference);
  if (present !== undefined && (pinned === undefined || isImage(present, pinned))) {
    // What came by another way (an import, a build) has no registry to be asked again.
    const local = present.origin?.source !== renderReference(source.reference);
    if (!refresh || local) return present;
  }
  if (offline) {
    const other = present === undefined ? '' : ` as ${pinned}`;
    throw offlineError(reference, `the image store does not have it${other}`);
  }
  return await pullImage({
    store: store.directory,
    architecture: store.architecture,
    reference: source.reference,
    mirrors,
    progress,
    ...(pinned === undefined ? {} : { digest: pinned }),
    ...(signatures === undefined || signatures.isExempt(reference)
      ? {}
      : {
          verify: ({ at, digest, manifest }) =>
            signatures.check({
              reference,
              at,
              digests: [digest, manifest.digest],
              architecture: store.architecture,
            }),
        }),
  });
}

function offlineError(reference: string, why: string): ImageSourceError {
  return new ImageSourceError(
    'unreachable',
    reference,
    `${why}, and the network is off (--offline)`,
  );
}

function lockOf(reference: string, { digest, origin }: Image): LockedImage {
  return { digest: origin?.digest ?? digest, source: origin?.source ?? reference };
}
