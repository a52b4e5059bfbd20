/**
 * Several configuration files → one value and one set of places. Pure. LinuxKit's rules: fields of `kernel`
 * of a later file count, lists are appended; any other key of a later file replaces that of an earlier one.
 */
import type { ConfigPath, Places } from './places.ts';

export interface Source {
  readonly value: unknown;
  readonly places: Places;
}

/** @param sources at least one, the first one first */
export function mergeSources(sources: readonly Source[]): Source {
  const [first, ...more] = sources;
  if (first === undefined) throw new Error('Nothing to merge');
  if (more.length === 0) return first;
  const merged: Record<string, unknown> = {};
  const origins = new Map<string, Origin>();
  for (const source of sources) {
    if (!isMap(source.value)) continue;
    for (const [key, value] of Object.entries(source.value)) {
      merge(merged, origins, { key, value, source });
    }
  }
  return { value: merged, places: mergedPlaces(first, origins) };
}

/** Where the value of a top-level key comes from. */
type Origin =
  | { readonly kind: 'whole'; readonly source: Source }
  /** By index of the merged list. */
  | { readonly kind: 'list'; readonly items: readonly { source: Source; index: number }[] }
  | { readonly kind: 'map'; readonly fields: ReadonlyMap<string, Source>; readonly source: Source };

interface Entry {
  readonly key: string;
  readonly value: unknown;
  readonly source: Source;
}

function merge(
  merged: Record<string, unknown>,
  origins: Map<string, Origin>,
  { key, value, source }: Entry,
): void {
  const known = origins.get(key);
  if (Array.isArray(value) && (known === undefined || known.kind === 'list')) {
    const before = Array.isArray(merged[key]) ? (merged[key] as readonly unknown[]) : [];
    const items = value.map((_, index) => ({ source, index }));
    merged[key] = [...before, ...(value as readonly unknown[])];
    origins.set(key, { kind: 'list', items: [...(known?.items ?? []), ...items] });
  } else if (key === 'kernel' && isMap(value) && (known === undefined || known.kind === 'map')) {
    const fields = new Map(known?.fields);
    for (const field of Object.keys(value)) fields.set(field, source);
    merged[key] = { ...(isMap(merged[key]) ? merged[key] : {}), ...value };
    origins.set(key, { kind: 'map', fields, source });
  } else {
    // A list beside something that is none: the later one, which the schema then judges.
    merged[key] = value;
    origins.set(key, { kind: 'whole', source });
  }
}

function mergedPlaces(first: Source, origins: ReadonlyMap<string, Origin>): Places {
  const locate = (path: ConfigPath): readonly [Places, ConfigPath] => {
    const [key, step, ...rest] = path;
    const origin = origins.get(String(key));
    if (origin === undefined) return [first.places, path];
    if (origin.kind === 'whole') return [origin.source.places, path];
    if (origin.kind === 'map') {
      return [(origin.fields.get(String(step)) ?? origin.source).places, path];
    }
    const item = typeof step === 'number' ? origin.items[step] : origin.items[0];
    if (item === undefined) return [first.places, path];
    const inner = step === undefined ? [] : [item.index, ...rest];
    return [item.source.places, [String(key), ...inner]];
  };
  return {
    key: (path) => {
      const [places, inner] = locate(path);
      return places.key(inner);
    },
    value: (path) => {
      const [places, inner] = locate(path);
      return places.value(inner);
    },
    offset: (start, end) => first.places.offset(start, end),
  };
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
