/**
 * Makes sure that the store has the component images somebody asks for: builds what is missing or stale,
 * leaves the rest alone. When nothing is to be done this takes milliseconds and starts no program.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ArchName } from '../arch.ts';
import { cacheDir } from '../cache-dir.ts';
import { withFileLock } from '../file-lock.ts';
import { CommandError } from '../host-command.ts';
import { requireTools } from '../host-tools.ts';
import {
  defaultStore,
  openImageStore,
  type StoredLayer,
  type WritableImageStore,
} from '../image/oci-layout.ts';
import type { Progress } from '../progress.ts';
import { aptState, type AptState, downloadSizes } from './apt-state.ts';
import { buildLayer, programLayer } from './build-component.ts';
import { componentReference, findRecipe, recipeFolder } from './catalogue.ts';
import { forArch } from './for-arch.ts';
import { imageKey, layerKey, type LayerInputs } from './component-key.ts';
import { KERNEL_TOOLS } from './kernel-tree.ts';
import { buildProgram, type BuiltProgram } from './program.ts';
import type { ArchiveArea, Recipe } from './recipe.ts';
import { knownPackages, resolvePackages } from './resolve-packages.ts';
import { UNPACK_TOOLS } from './unpack-packages.ts';
import { watchDownloads } from './watch-downloads.ts';

export interface EnsureOptions {
  /** Told what takes time. Not called when there is nothing to do. */
  readonly progress: Progress;
  /** Fetch the Debian package lists whatever their age. */
  readonly refresh?: boolean;
  /** Of the machine they are for; default: amd64. */
  readonly arch?: ArchName;
}

/** Whether a reference names an image that this program builds itself. */
export function isComponent(reference: string): boolean {
  return findRecipe(reference) !== undefined;
}

/**
 * Builds the components among `references` that are missing or out of date; other references are not
 * looked at. Rejects with `MissingToolError`, `CommandError`, `AptError` or `RecipeError`. Safe
 * against other processes doing the same.
 */
export async function ensureComponents(
  references: readonly string[],
  options: EnsureOptions,
): Promise<void> {
  const { arch = 'amd64' } = options;
  const recipes = [...new Set(references.map(findRecipe))]
    .filter((recipe) => recipe !== undefined)
    .map((recipe) => forArch(recipe, arch));
  // Each area has lists of its own: whoever asks for nothing that is not free needs no mirror with it.
  for (const area of AREAS) {
    const ofArea = recipes.filter((recipe) => (recipe.area ?? 'main') === area);
    if (ofArea.length > 0) await ensureRecipes(ofArea, listsOf(arch, area), options);
  }
}

const AREAS: readonly ArchiveArea[] = ['main', 'non-free-firmware'];

function listsOf(arch: ArchName, area: ArchiveArea): AptState {
  const words = [...(arch === 'amd64' ? [] : [arch]), ...(area === 'main' ? [] : [area])];
  return aptState(join(cacheDir(), ['packages', ...words].join('-')), arch, area);
}

async function ensureRecipes(
  recipes: readonly Recipe[],
  apt: AptState,
  options: EnsureOptions,
): Promise<void> {
  const store = openImageStore(defaultStore(), options.arch);
  const programs = await buildPrograms(recipes, options);

  const known = options.refresh === true ? undefined : await knownPackages(apt, recipes);
  if (known !== undefined && (await stale(store, recipes, known, programs)).length === 0) return;

  await withFileLock(join(cacheDir(), 'components.lock'), async () => {
    const bringUpToDate = async (refresh: boolean): Promise<void> => {
      const packages = await resolvePackages(apt, recipes, { progress: options.progress, refresh });
      const targets = await stale(store, recipes, packages, programs);
      await buildTargets(store, apt, targets, options);
    };
    try {
      await bringUpToDate(options.refresh === true);
    } catch (error) {
      if (options.refresh === true || !isUnpackError(error)) throw error;
      // The mirror has moved on since our lists were fetched: it keeps no superseded versions.
      options.progress('trying again with fresh package lists');
      await bringUpToDate(true);
    }
  });
}

function isUnpackError(error: unknown): boolean {
  return error instanceof CommandError && error.command === 'mmdebstrap';
}

/** Two at a time: unpacking waits for the network and for one core in turn. */
async function buildAll(
  targets: readonly Target[],
  buildOne: (target: Target) => Promise<void>,
): Promise<void> {
  const queue = [...targets];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await buildOne(next);
  };
  // Both must have ended before the caller gives up its lock.
  const ended = await Promise.allSettled([worker(), worker()]);
  for (const result of ended) if (result.status === 'rejected') throw result.reason;
}

async function buildTargets(
  store: WritableImageStore,
  apt: AptState,
  targets: readonly Target[],
  { progress }: EnsureOptions,
): Promise<void> {
  const parent = await mkdtemp(join(tmpdir(), 'ishmael-components-'));
  const folderOf = ({ inputs }: Target): string => join(parent, inputs.recipe.name);
  const downloads = targets
    .filter(({ layer, inputs }) => layer === undefined && inputs.packages.length > 0)
    .map((target) => ({ folder: folderOf(target), packages: target.inputs.packages }));
  const packages = [...new Set(downloads.flatMap((each) => each.packages))];
  const watch =
    packages.length === 0
      ? undefined
      : watchDownloads(await downloadSizes(apt, packages), downloads, progress);
  try {
    await buildAll(targets, async (target) => {
      progress(`building ${componentReference(target.inputs.recipe.name)}`);
      await build(store, apt, target, folderOf(target));
      watch?.done(folderOf(target));
    });
  } finally {
    watch?.stop();
    await rm(parent, { recursive: true, force: true });
  }
}

interface Target {
  readonly inputs: LayerInputs;
  readonly program: BuiltProgram | undefined;
  readonly layerKey: string;
  readonly imageKey: string;
  /** The layer of packages of the present image, when only the rest of it changed. */
  readonly layer: StoredLayer | undefined;
}

/** Kept with the image's name in `index.json`. */
const IMAGE_KEY = 'ishmael.component.key';
const LAYER_KEY = 'ishmael.component.layer.key';
const LAYER = 'ishmael.component.layer';
const PACKAGES = 'ishmael.component.packages';

async function stale(
  store: WritableImageStore,
  recipes: readonly Recipe[],
  packages: readonly (readonly string[])[],
  programs: ReadonlyMap<Recipe, BuiltProgram>,
): Promise<readonly Target[]> {
  const targets: Target[] = [];
  for (const [index, recipe] of recipes.entries()) {
    const inputs = { recipe, sources: await readSources(recipe), packages: packages[index] ?? [] };
    const program = programs.get(recipe);
    const layer = layerKey(inputs);
    const image = imageKey(layer, recipe.config, program?.digest);
    const present = await store.annotations(componentReference(recipe.name));
    // An image from before packages were kept is named anew, for its bill of materials.
    if (present?.[IMAGE_KEY] === image && present[PACKAGES] !== undefined) continue;
    const reusable =
      present?.[LAYER_KEY] === layer ? await presentLayer(store, present) : undefined;
    targets.push({ inputs, program, layerKey: layer, imageKey: image, layer: reusable });
  }
  return targets;
}

/** `package=version` of all that a component was made of; none for any other image. */
export async function componentPackages(
  store: WritableImageStore,
  reference: string,
): Promise<readonly string[]> {
  const annotations = await store.annotations(reference);
  // Written by `build` below, under the same key.
  return JSON.parse(annotations?.[PACKAGES] ?? '[]') as readonly string[];
}

async function presentLayer(
  store: WritableImageStore,
  annotations: Readonly<Record<string, string>>,
): Promise<StoredLayer | undefined> {
  // Written by `build` below, under the same key.
  const layer = JSON.parse(annotations[LAYER] ?? 'null') as StoredLayer | null;
  return layer !== null && (await store.hasLayer(layer)) ? layer : undefined;
}

async function build(
  store: WritableImageStore,
  apt: AptState,
  target: Target,
  workDir: string,
): Promise<void> {
  const { recipe } = target.inputs;
  let { layer } = target;
  if (layer === undefined) {
    await requireTools([
      ...UNPACK_TOOLS,
      ...(recipe.kernelModules === undefined ? [] : KERNEL_TOOLS),
    ]);
    layer = await buildLayer(store, apt, target.inputs, workDir);
  }
  const layers = [layer];
  if (recipe.program !== undefined && target.program !== undefined) {
    layers.push(await programLayer(store, recipe.program.path, target.program.data));
  }
  await store.putImage(componentReference(recipe.name), recipe.config, layers, {
    [IMAGE_KEY]: target.imageKey,
    [LAYER_KEY]: target.layerKey,
    [LAYER]: JSON.stringify(layer),
    [PACKAGES]: JSON.stringify(target.inputs.packages),
  });
}

async function readSources(recipe: Recipe): Promise<ReadonlyMap<string, Uint8Array>> {
  const sources = new Map<string, Uint8Array>();
  for (const addition of recipe.add) {
    if (addition.type !== 'file') continue;
    sources.set(addition.source, await readFile(join(recipeFolder(recipe.name), addition.source)));
  }
  return sources;
}

async function buildPrograms(
  recipes: readonly Recipe[],
  { progress, arch }: EnsureOptions,
): Promise<ReadonlyMap<Recipe, BuiltProgram>> {
  const programs = new Map<Recipe, BuiltProgram>();
  for (const recipe of recipes) {
    if (recipe.program === undefined) continue;
    programs.set(recipe, await buildProgram(recipe.program.build, progress, arch));
  }
  return programs;
}
