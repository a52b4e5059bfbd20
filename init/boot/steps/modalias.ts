/**
 * Which modules a device asks for. Pure: the text files that depmod writes (modules.alias(5),
 * modules.dep(5)) and the matching of a device's modalias against them.
 */

export interface ModuleIndex {
  /** Alias pattern and module name, in file order. */
  readonly aliases: readonly { readonly pattern: RegExp; readonly module: string }[];
  /** Module name → its file and those it depends on, in loading order, relative to the index. */
  readonly files: ReadonlyMap<string, readonly string[]>;
}

export function parseModuleIndex(aliasText: string, depText: string): ModuleIndex {
  return { aliases: parseAliases(aliasText), files: parseDependencies(depText) };
}

/** The modules whose alias matches, each once. */
export function modulesFor(index: ModuleIndex, modalias: string): string[] {
  const hits = index.aliases.filter(({ pattern }) => pattern.test(modalias));
  return [...new Set(hits.map(({ module }) => module))];
}

/** `-` and `_` are the same in a module's name; the kernel and depmod disagree on which to write. */
export function moduleName(name: string): string {
  return name.replaceAll('-', '_');
}

function parseAliases(text: string): ModuleIndex['aliases'] {
  return text.split('\n').flatMap((line) => {
    const [keyword, glob, module] = line.split(' ');
    if (keyword !== 'alias' || glob === undefined || module === undefined) return [];
    return [{ pattern: globToRegExp(glob), module: moduleName(module) }];
  });
}

/** `kernel/net/a.ko: kernel/net/b.ko kernel/net/c.ko`: a needs b, b needs c; load from the right. */
function parseDependencies(text: string): ModuleIndex['files'] {
  return new Map(
    text.split('\n').flatMap((line) => {
      const colon = line.indexOf(':');
      if (colon === -1) return [];
      const file = line.slice(0, colon);
      const needs = line
        .slice(colon + 1)
        .split(' ')
        .filter(Boolean);
      const name = moduleName(file.replace(/^.*\//, '').replace(/\.ko(\..*)?$/, ''));
      return [[name, [...needs.toReversed(), file]] as const];
    }),
  );
}

/** fnmatch(3) without flags, as far as depmod uses it: `*`, `?` and `[…]`. */
function globToRegExp(glob: string): RegExp {
  const source = glob
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`);
}
