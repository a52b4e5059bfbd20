/** Every image a file names, had from where it comes from, each for the platforms it is wanted for. */
import { ARCH_NAMES, type ArchName } from '../arch.ts';
import { ensureComponents, isComponent } from '../component/ensure-components.ts';
import { imageMentions } from '../config/image-mentions.ts';
import type { ImageLookup } from '../config/resolve-images.ts';
import type { ImageConfigFile } from '../config/schema.ts';
import type { EnsuredImages } from '../image/ensure-images.ts';
import type { Image } from '../image/image-store.ts';
import { defaultStore, openImageStore, type WritableImageStore } from '../image/oci-layout.ts';
import { ociPlatform, platformName } from '../image/platform.ts';
import { fetchImages, type FetchOptions, isOurs } from './fetch-images.ts';
import { awaitedImage, recipeImage } from './foreseen-image.ts';
import type { Progress } from '../progress.ts';

export interface ImageSources {
  /** The YAML file, which the lock is beside. */
  readonly file: string;
  readonly arch: ArchName;
  /** Whether to build component images that are missing or out of date. */
  readonly components: boolean;
  readonly fetch: FetchOptions;
  readonly progress: Progress;
  /** Components that no file names, for the machine's architecture. */
  readonly also?: readonly string[];
}

/** What an image's config will say of it, as far as that is known before it is there. */
export function foreseenImages({ arch, components }: ImageSources): ImageLookup {
  const store = openImageStore(defaultStore(), arch);
  return {
    find: async (reference, platform) => {
      const architecture = architectureOf(platform, arch);
      const own = components ? expected(reference, architecture) : undefined;
      if (own !== undefined) return own;
      if (!isOurs(reference)) return awaitedImage(reference);
      return await (platform === undefined ? store : storeFor(architecture)).find(reference);
    },
    advise,
  };
}

/**
 * Pulls, imports and builds what is missing. What could not be had is not found afterwards, with the reason as
 * the advice. Rejects as `fetchImages` and `ensureComponents` do.
 */
export async function obtainImages(
  config: ImageConfigFile,
  sources: ImageSources,
): Promise<ImageLookup> {
  const { arch, components, fetch, file, progress } = sources;
  const had = new Map<string, Had>();
  for (const [architecture, references] of byArchitecture(config, arch)) {
    const store = storeFor(architecture);
    const options = { ...fetch, verify: config.verify, progress };
    had.set(architecture, { store, theirs: await fetchImages(file, references, store, options) });
  }
  const complete = [...had.values()].every(({ theirs }) => theirs.errors.size === 0);
  if (components && complete) {
    for (const [architecture, references] of byArchitecture(config, arch)) {
      if (!isArchName(architecture)) continue;
      const own = architecture === arch ? [...references, ...(sources.also ?? [])] : references;
      await ensureComponents(own, { progress, arch: architecture });
    }
  }
  return {
    find: async (reference, platform) => {
      const architecture = architectureOf(platform, arch);
      const { store, theirs } = had.get(architecture) ?? {};
      if (!isOurs(reference)) return theirs?.images.get(reference);
      // Once something else is missing, components that are still to be built are not what is wrong.
      const found = await store?.find(reference);
      return found ?? (components ? expected(reference, architecture) : undefined);
    },
    advise: (reference, platform) => {
      const { theirs } = had.get(architectureOf(platform, arch)) ?? {};
      return theirs?.errors.get(reference)?.message ?? advise(reference, platform);
    },
  };
}

interface Had {
  readonly store: WritableImageStore;
  readonly theirs: EnsuredImages;
}

function byArchitecture(config: ImageConfigFile, arch: ArchName): ReadonlyMap<string, string[]> {
  const groups = new Map<string, string[]>([[arch, []]]);
  for (const { reference, platform } of imageMentions(config)) {
    const architecture = architectureOf(platform, arch);
    const group = groups.get(architecture) ?? [];
    if (!group.includes(reference)) group.push(reference);
    groups.set(architecture, group);
  }
  return groups;
}

/** `arm64` of `linux/arm64/v8`; the machine's where nothing is said. */
export function architectureOf(platform: string | undefined, arch: ArchName): string {
  if (platform === undefined) return arch;
  return platformName(ociPlatform(platform.slice(platform.indexOf('/') + 1)));
}

function storeFor(architecture: string): WritableImageStore {
  return openImageStore(defaultStore(), architecture);
}

function isArchName(architecture: string): architecture is ArchName {
  return ARCH_NAMES.some((name) => name === architecture);
}

function expected(reference: string, architecture: string): Image | undefined {
  return isArchName(architecture) ? recipeImage(reference) : undefined;
}

function advise(reference: string, platform?: string): string {
  if (!isComponent(reference)) {
    return 'names that begin with ishmael/ are those of "ishmael components list"';
  }
  return platform === undefined || isArchName(architectureOf(platform, 'amd64'))
    ? 'build it with "ishmael components build", or leave out --no-components and --offline'
    : `components are made for ${ARCH_NAMES.map((name) => `linux/${name}`).join(' and ')}`;
}
