/** Which kernel modules a choice needs, from what the modules say about themselves. Pure. */
import { RecipeError } from './select.ts';

/** Module names are spelled with `-` in some places and `_` in others; the kernel treats them as one. */
export function moduleName(path: string): string {
  const file = path.slice(path.lastIndexOf('/') + 1);
  return file.replace(/\.ko(\.\w+)?$/u, '').replaceAll('-', '_');
}

export interface ModuleChoice {
  /** Paths of the chosen modules known so far. */
  readonly paths: ReadonlySet<string>;
  /** Those of them that have not been asked for their dependencies yet. */
  readonly ask: readonly string[];
}

/**
 * Adds modules by name. A module built into the kernel needs no file; a name that is neither is a
 * `RecipeError`: a misspelt driver must not become a machine without a network.
 */
export function chooseModules(
  choice: ModuleChoice,
  names: readonly string[],
  available: ReadonlyMap<string, string>,
  builtin: ReadonlySet<string>,
): ModuleChoice {
  const paths = new Set(choice.paths);
  const ask: string[] = [];
  for (const name of names.map(moduleName)) {
    const path = available.get(name);
    if (path === undefined) {
      if (builtin.has(name)) continue;
      throw new RecipeError(`The kernel has no module ${name}`);
    }
    if (!paths.has(path)) ask.push(path);
    paths.add(path);
  }
  return { paths, ask };
}
