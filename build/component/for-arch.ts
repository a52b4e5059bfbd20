/** A recipe for one architecture: recipes are written with words in the place of what differs. Pure. */
import { ARCHES, type ArchName } from '../arch.ts';
import type { Recipe } from './recipe.ts';

/** Stand in recipes for Debian's name of the architecture, its folder of libraries, its loader. */
export const ARCH = '{arch}';
export const MULTIARCH = '{multiarch}';
export const LOADER = '{loader}';

export function forArch(recipe: Recipe, arch: ArchName): Recipe {
  const { multiarch, loaders } = ARCHES[arch];
  const { keepOf, kernelModules, kernelModulesOf, ...rest } = recipe;
  const modules = kernelModules && [...kernelModules, ...(kernelModulesOf?.[arch] ?? [])];
  return {
    ...rest,
    packages: recipe.packages.map((name) => name.replace(ARCH, arch)),
    keep: [...recipe.keep, ...(keepOf?.[arch] ?? [])].flatMap((glob) =>
      glob === LOADER ? loaders : [glob.replace(MULTIARCH, multiarch)],
    ),
    ...(modules === undefined ? {} : { kernelModules: modules }),
  };
}
