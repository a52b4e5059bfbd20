/**
 * A configuration with all that is known of its images, for commands that look and do not build: images are
 * taken as they are in the store, and components that are not built yet as their recipes will make them.
 */
import { checkContainers } from '../config/check-containers.ts';
import { compileManifest } from '../config/compile-manifest.ts';
import { type Diagnostic, renderDiagnostics } from '../config/diagnostics.ts';
import type { Defaults } from '../config/hardening.ts';
import type { Account } from '../config/image-user.ts';
import { checkConfig } from '../config/parse-config.ts';
import type { Places } from '../config/places.ts';
import { resolveImages } from '../config/resolve-images.ts';
import type { ImageConfigFile } from '../config/schema.ts';
import type { Image, ImageStore } from '../image/image-store.ts';
import { nameInStore } from '../image/name-in-store.ts';
import { openImageStore } from '../image/oci-layout.ts';
import type { Manifest } from '../../supervisor/manifest.ts';
import { InvalidConfigError } from './cli-error.ts';
import { awaitedImage, recipeImage } from './foreseen-image.ts';
import { loadSources, type SourceFiles } from './load-sources.ts';
import { resolveAccounts } from './resolve-accounts.ts';

export interface LoadedMachine {
  readonly config: ImageConfigFile;
  readonly images: ReadonlyMap<string, Image>;
  readonly accounts: ReadonlyMap<string, Account>;
  readonly places: Places;
  /** By the name that places carry. */
  readonly texts: ReadonlyMap<string, string>;
}

/**
 * Throws `InvalidConfigError` with every problem of the files, `UsageError` when one is not there.
 * @param accountsFor whether the users of images are looked up; default: as the file says
 */
export async function loadMachine(
  files: SourceFiles,
  accountsFor?: Defaults,
  store: ImageStore = openImageStore(),
): Promise<LoadedMachine> {
  const sources = await loadSources(files);
  const refuse = (diagnostics: readonly Diagnostic[]): void => {
    if (diagnostics.length === 0) return;
    throw new InvalidConfigError(renderDiagnostics(diagnostics, sources.texts));
  };
  const { config, value, places, diagnostics } = checkConfig(sources);
  const { images, diagnostics: named } = await resolveImages(value, places, {
    // What a volume of images holds changes nothing in what containers get.
    find: async (reference, platform) =>
      platform === undefined
        ? ((await store.find(nameInStore(reference))) ?? recipeImage(reference))
        : awaitedImage(reference),
    advise: () => 'it must have been built or fetched once',
  });
  refuse([...diagnostics, ...named]);
  if (config === undefined) throw new Error('A configuration is neither valid nor invalid');
  const { accounts, diagnostics: unknown } = await resolveAccounts(
    { ...config, defaults: accountsFor ?? config.defaults },
    images,
    places,
    store,
  );
  refuse([...checkContainers(config, images, places), ...unknown]);
  return { config, images, accounts, places, texts: sources.texts };
}

/** What the guest would be told. */
export function manifestOf({ config, images, accounts }: LoadedMachine, name: string): Manifest {
  return compileManifest(config, images, name, accounts);
}
