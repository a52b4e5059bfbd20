/**
 * YAML text → plain value and places, with every problem of the notation itself as a diagnostic:
 * syntax, duplicate keys, unknown tags, aliases. It knows nothing of what a configuration may hold.
 */
import { type Document, isMap, parseDocument, visit, type YAMLError } from 'yaml';

import type { Diagnostic } from './diagnostics.ts';
import { createPlaces, isMergePair, mergeSources, type Places } from './places.ts';

export interface YamlReading {
  /** `undefined` when the text cannot be understood well enough to be checked further. */
  readonly value: unknown;
  readonly places: Places;
  readonly diagnostics: readonly Diagnostic[];
}

/** Never throws, whatever the text. */
export function readYaml(file: string, text: string): YamlReading {
  const document = parseDocument(text, {
    merge: true,
    stringKeys: true,
    prettyErrors: false,
    logLevel: 'error',
  });
  const places = createPlaces(file, text, document);
  const notation = [...document.errors, ...document.warnings].map((e) => toDiagnostic(e, places));
  // A duplicate key leaves the tree sound. After any other error the tree is the parser's guess, and
  // checking it would report problems that the author did not make.
  if (document.errors.some(({ code }) => code !== 'DUPLICATE_KEY')) {
    return { value: undefined, places, diagnostics: notation };
  }
  if (document.contents === null) {
    const message = 'the file is empty: a machine needs at least a kernel';
    const empty: Diagnostic = { code: 'empty-file', message, ...places.offset(0) };
    return { value: undefined, places, diagnostics: [...notation, empty] };
  }
  const aliases = aliasProblems(document, places);
  if (aliases.length > 0) {
    return { value: undefined, places, diagnostics: [...notation, ...aliases] };
  }
  return { ...toValue(document, places, notation), places };
}

function toDiagnostic(error: YAMLError, places: Places): Diagnostic {
  const [start, end] = error.pos;
  const place = places.offset(start, end);
  if (error.code === 'DUPLICATE_KEY') {
    return {
      code: 'duplicate-key',
      message: 'this key is already given in the same map',
      ...place,
    };
  }
  return { code: 'yaml-syntax', message: lowerFirst(error.message), ...place };
}

function aliasProblems(document: Document.Parsed, places: Places): readonly Diagnostic[] {
  const problems: Diagnostic[] = [];
  const report = (
    node: { range?: readonly number[] | null } | undefined,
    message: string,
  ): void => {
    const [start = 0, end = start] = node?.range ?? [];
    problems.push({ code: 'yaml-alias', message, ...places.offset(start, end) });
  };
  visit(document, {
    Alias(_, alias, ancestors) {
      const target = alias.resolve(document);
      if (target === undefined) {
        report(alias, `*${alias.source} has no anchor &${alias.source} before it`);
      } else if (ancestors.includes(target)) {
        report(alias, `*${alias.source} is inside the very value it repeats`);
      }
    },
  });
  if (problems.length > 0) return problems;
  visit(document, {
    Pair(_, pair) {
      if (!isMergePair(pair)) return;
      if (mergeSources(document, pair).every((source) => isMap(source))) return;
      report(isNodeLike(pair.key) ? pair.key : undefined, '<< merges maps, and this is no map');
    },
  });
  return problems;
}

function toValue(
  document: Document.Parsed,
  places: Places,
  diagnostics: readonly Diagnostic[],
): Omit<YamlReading, 'places'> {
  try {
    return { value: document.toJS(), diagnostics };
  } catch {
    // All that is left to fail is the parser's limit on aliases of aliases ("billion laughs").
    const message = 'aliases repeat each other too often';
    const problem: Diagnostic = { code: 'yaml-alias', message, ...places.offset(0) };
    return { value: undefined, diagnostics: [...diagnostics, problem] };
  }
}

function isNodeLike(key: unknown): key is { range?: readonly number[] | null } {
  return typeof key === 'object' && key !== null;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
