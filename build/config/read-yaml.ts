/**
 * YAML text → plain value and places, with every problem of the notation itself as a diagnostic. It
 * knows nothing of what a configuration may hold.
 */
import { type Document, parseDocument } from 'yaml';

import { aliasProblems } from './alias-problems.ts';
import type { Diagnostic } from './diagnostics.ts';
import { createPlaces, type Places } from './places.ts';
import { substituteVariables, type Variables } from './substitute-variables.ts';
import { syntaxErrors } from './syntax-errors.ts';

export interface YamlReading {
  /** `undefined` when the text cannot be understood well enough to be checked further. */
  readonly value: unknown;
  readonly places: Places;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Never throws, whatever the text.
 * @param variables without them `${NAME}` is a text like any other
 */
export function readYaml(file: string, text: string, variables?: Variables): YamlReading {
  const document = parseDocument(text, {
    merge: true,
    stringKeys: true,
    prettyErrors: false,
    logLevel: 'error',
  });
  const places = createPlaces(file, text, document);
  const notation = syntaxErrors(document, places);
  // A duplicate key leaves the tree sound. After any other error the tree is the parser's guess, and
  // checking it would report problems that the author did not make.
  if (document.errors.some(({ code }) => code !== 'DUPLICATE_KEY')) {
    return { value: undefined, places, diagnostics: notation };
  }
  if (document.contents === null) {
    const empty = { code: 'empty-file', message: 'the file is empty' } as const;
    const diagnostics = [...notation, { ...empty, ...places.offset(0) }];
    return { value: undefined, places, diagnostics };
  }
  const aliases = aliasProblems(document, places);
  if (aliases.length > 0) {
    return { value: undefined, places, diagnostics: [...notation, ...aliases] };
  }
  const unset = variables === undefined ? [] : substituteVariables(document, variables, places);
  return { ...toValue(document, places, [...notation, ...unset]), places };
}

function toValue(
  document: Document.Parsed,
  places: Places,
  diagnostics: readonly Diagnostic[],
): Omit<YamlReading, 'places'> {
  try {
    return { value: document.toJS(), diagnostics };
  } catch {
    // All that is left to fail are the limits: aliases of aliases ("billion laughs"), or the stack.
    const message = 'aliases repeat each other too often';
    const problem: Diagnostic = { code: 'yaml-alias', message, ...places.offset(0) };
    return { value: undefined, diagnostics: [...diagnostics, problem] };
  }
}
