/**
 * Aliases and merge keys that lead nowhere. Checked before the document is made into plain values,
 * because the parser reports them only by throwing, and without a place.
 */
import { type Document, isMap, visit } from 'yaml';

import type { Diagnostic } from './diagnostics.ts';
import { isMergePair, mergeSources, type Places } from './places.ts';

/** None for a document whose aliases can all be followed to an end. */
export function aliasProblems(document: Document.Parsed, places: Places): readonly Diagnostic[] {
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

function isNodeLike(key: unknown): key is { range?: readonly number[] | null } {
  return typeof key === 'object' && key !== null;
}
