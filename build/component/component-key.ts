/**
 * When an image is built again: exactly when its key changes. The key covers everything that decides the
 * image's bytes and nothing else. Pure but for hashing.
 */
import { createHash } from 'node:crypto';
import type { Recipe } from './recipe.ts';

/** To be raised when this program makes other bytes of the same recipe. */
const BUILDER_VERSION = 1;

export interface LayerInputs {
  readonly recipe: Recipe;
  /** Contents of the files beside the recipe that it adds, by name. */
  readonly sources: ReadonlyMap<string, Uint8Array>;
  /** `package=version` of all that is unpacked. */
  readonly packages: readonly string[];
}

/** Of the layer made from packages and files: the image's config and our own program are not in it. */
export function layerKey({ recipe, sources, packages }: LayerInputs): string {
  const { name, keep, add, splitUsr, joined, assume, kernelModules, kernelModulesLoaded } = recipe;
  const files = [...sources].map(([file, bytes]) => `${file} ${sha256(bytes)}`).sort();
  const parts = { BUILDER_VERSION, name, keep, add, assume, kernelModules, files, packages };
  return sha256(Buffer.from(JSON.stringify({ ...parts, splitUsr, joined, kernelModulesLoaded })));
}

/** Of the whole image. `program` is the digest of our own program in it. */
export function imageKey(
  layer: string,
  config: Recipe['config'],
  program: string | undefined,
): string {
  return sha256(Buffer.from(JSON.stringify({ layer, config, program })));
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
