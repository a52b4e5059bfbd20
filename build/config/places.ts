/**
 * Where in the text a value of the parsed document stands. Follows aliases and merge keys, so that a
 * problem inside an anchored block is shown where it was written. Positions only; it judges nothing.
 */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml';

import type { Place } from './diagnostics.ts';
import { createLineIndex } from './line-index.ts';

/** Keys and indexes from the root, as zod reports them. */
export type ConfigPath = readonly PropertyKey[];

export interface Places {
  /** The key itself; for a list item, or when there is no such key, the value. */
  key(path: ConfigPath): Place;
  /** The value; the key when the value is left empty; what encloses it when there is no such key. */
  value(path: ConfigPath): Place;
  /** Any offset into the text; one behind the last character counts as the end of the last line. */
  offset(start: number, end?: number): Place;
}

interface Found {
  readonly key: Node | undefined;
  readonly value: Node | undefined;
}

/** @param document one that `readYaml` found free of alias problems, or paths that pass no alias */
export function createPlaces(file: string, text: string, document: Document.Parsed): Places {
  const position = createLineIndex(text);
  const lastOffset = text.trimEnd().length;

  function offset(start: number, end: number = start): Place {
    const from = Math.min(start, lastOffset);
    const lineEnd = text.indexOf('\n', from);
    const last = Math.min(end, lineEnd === -1 ? text.length : lineEnd);
    return { file, ...position(from), length: Math.max(1, last - from) };
  }

  function spot(node: Node | undefined): Place | undefined {
    if (!node?.range) return undefined;
    const [start, end] = node.range;
    // A block has no end worth underlining; its first character says where it is.
    return isMap(node) || isSeq(node) ? offset(start) : offset(start, end);
  }

  function find(path: ConfigPath): Found {
    let found: Found = { key: undefined, value: document.contents ?? undefined };
    for (const step of path) {
      const next = child(document, resolve(document, found.value), step);
      if (next === undefined) break;
      found = next;
    }
    return found;
  }

  return {
    key: (path) => {
      const { key, value } = find(path);
      return spot(key) ?? spot(value) ?? offset(0);
    },
    value: (path) => {
      const { key, value } = find(path);
      const place = isEmpty(value) ? spot(key) : spot(value);
      return place ?? spot(value) ?? spot(key) ?? offset(0);
    },
    offset,
  };
}

/** The node an alias stands for; any other node itself. */
export function resolve(document: Document.Parsed, node: Node | undefined): Node | undefined {
  return isAlias(node) ? node.resolve(document) : node;
}

/** Whether a pair merges another map into its own. A quoted `"<<"` is a key like any other. */
export function isMergePair(pair: Pair): boolean {
  return isScalar(pair.key) && pair.key.value === '<<' && pair.key.type === 'PLAIN';
}

/** The nodes a merge pair takes its keys from, aliases followed. */
export function mergeSources(document: Document.Parsed, pair: Pair): readonly (Node | undefined)[] {
  const value = resolve(document, asNode(pair.value));
  if (!isSeq(value)) return [value];
  return value.items.map((item) => resolve(document, asNode(item)));
}

function child(
  document: Document.Parsed,
  parent: Node | undefined,
  step: PropertyKey,
): Found | undefined {
  if (isMap(parent)) return entry(document, parent, String(step));
  if (!isSeq(parent) || typeof step !== 'number') return undefined;
  const value = asNode(parent.items[step]);
  return value === undefined ? undefined : { key: undefined, value };
}

function entry(document: Document.Parsed, map: YAMLMap, name: string): Found | undefined {
  // The last of two equal keys is the one whose value counts.
  const own = map.items.findLast((pair) => isScalar(pair.key) && String(pair.key.value) === name);
  if (own !== undefined) return { key: asNode(own.key), value: asNode(own.value) };
  for (const pair of map.items.filter(isMergePair)) {
    for (const source of mergeSources(document, pair)) {
      const found = isMap(source) ? entry(document, source, name) : undefined;
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function isEmpty(node: Node | undefined): boolean {
  return isScalar(node) && node.range?.[0] === node.range?.[1];
}

/** Pairs and sequences are typed to hold anything; a parsed document holds nodes. */
function asNode(item: unknown): Node | undefined {
  return isAlias(item) || isMap(item) || isSeq(item) || isScalar(item) ? item : undefined;
}
