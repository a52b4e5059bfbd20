/**
 * Which modules a device asks for. Pure: the text files that depmod writes (modules.alias(5),
 * modules.dep(5)) and the matching of a device's modalias against them.
 */

export interface ModuleIndex {
  /** Alias pattern and module name, in file order. */
  readonly aliases: readonly { readonly pattern: string; readonly module: string }[];
  /** Module name → its file and those it depends on, in loading order, relative to the index. */
  readonly files: ReadonlyMap<string, readonly string[]>;
}

export function parseModuleIndex(aliasText: string, depText: string): ModuleIndex {
  return { aliases: parseAliases(aliasText), files: parseDependencies(depText) };
}

/** The modules whose alias matches, each once. */
export function modulesFor(index: ModuleIndex, modalias: string): string[] {
  const hits = index.aliases.filter(({ pattern }) => matchesGlob(pattern, modalias));
  return [...new Set(hits.map(({ module }) => module))];
}

/** `-` and `_` are the same in a module's name; the kernel and depmod disagree on which to write. */
export function moduleName(name: string): string {
  return name.replaceAll('-', '_');
}

/** The module in a file: `kernel/net/a-b.ko` has `a_b`. */
export function fileModule(file: string): string {
  return moduleName(file.replace(/^.*\//, '').replace(/\.ko(\..*)?$/, ''));
}

function parseAliases(text: string): ModuleIndex['aliases'] {
  return text.split('\n').flatMap((line) => {
    const [keyword, glob, module] = line.split(' ');
    if (keyword !== 'alias' || glob === undefined || module === undefined) return [];
    return [{ pattern: glob, module: moduleName(module) }];
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
      return [[fileModule(file), [...needs.toReversed(), file]] as const];
    }),
  );
}

/**
 * fnmatch(3) without flags, as far as depmod uses it: `*`, `?` and `[…]`. By hand, because compiling a
 * regular expression for each alias costs PID 1 more time and memory than all matching.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  // Where to go on when the text after the last `*` does not fit: let the star take one more.
  let star = -1;
  let starText = 0;
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = p;
      starText = t;
      p += 1;
      continue;
    }
    const next = matchOne(pattern, p, text[t] ?? '');
    if (next !== undefined) {
      p = next;
      t += 1;
    } else if (star === -1) {
      return false;
    } else {
      starText += 1;
      p = star + 1;
      t = starText;
    }
  }
  while (pattern[p] === '*') p += 1;
  return p === pattern.length;
}

/** Where the pattern goes on after it has taken `char` at `p`; `undefined` when it does not take it. */
function matchOne(pattern: string, p: number, char: string): number | undefined {
  const wanted = pattern[p];
  if (wanted === '?') return p + 1;
  if (wanted !== '[') return wanted === char ? p + 1 : undefined;
  const end = pattern.indexOf(']', p + 2);
  if (end === -1) return undefined;
  return inSet(pattern.slice(p + 1, end), char) ? end + 1 : undefined;
}

/** `a-f0` as in `[a-f0]`. */
function inSet(set: string, char: string): boolean {
  for (let i = 0; i < set.length; i += 1) {
    const from = set[i] ?? '';
    if (set[i + 1] === '-' && i + 2 < set.length) {
      if (from <= char && char <= (set[i + 2] ?? '')) return true;
      i += 2;
    } else if (from === char) {
      return true;
    }
  }
  return false;
}
