/**
 * `${NAME}` and `${NAME:-default}` in the values of a document. Pure: what a name stands for comes from
 * outside. Done on the parsed document and not on its text, so that no value can change the structure, and
 * places stay those of the file.
 */
import { type Document, isScalar, parseDocument, Scalar, visit } from 'yaml';

import type { Diagnostic } from './diagnostics.ts';
import type { Places } from './places.ts';
import { suggest } from './suggest.ts';

export interface Variables {
  /** `undefined` for a name that is not set. */
  get(name: string): string | undefined;
  /** For "did you mean". */
  readonly names: readonly string[];
}

/** `$${` is how a `${` is written that is to stay. What a shell has beyond the two forms stays, too. */
const VARIABLE = /\$?\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}/g;

/** Changes scalars in place; keys are left alone. Returns what cannot be substituted. */
export function substituteVariables(
  document: Document.Parsed,
  variables: Variables,
  places: Places,
): readonly Diagnostic[] {
  const problems: Diagnostic[] = [];
  visit(document, {
    Scalar(position, scalar) {
      if (position === 'key' || typeof scalar.value !== 'string') return;
      if (!scalar.value.includes('${')) return;
      const result = substitute(scalar.value, variables);
      if (result.unset !== undefined) {
        const [start = 0, end = start] = scalar.range ?? [];
        problems.push(unset(result.unset, variables, places.offset(start, end)));
        return;
      }
      if (result.text === scalar.value) return;
      scalar.value = scalar.type === Scalar.PLAIN ? plainValue(result.text) : result.text;
    },
  });
  return problems;
}

function substitute(
  text: string,
  variables: Variables,
): { readonly text: string; readonly unset?: string | undefined } {
  let missing: string | undefined;
  const replaced = text.replaceAll(
    VARIABLE,
    (whole: string, name: string, fallback: string | undefined) => {
      if (whole.startsWith('$$')) return whole.slice(1);
      const value = variables.get(name);
      if (fallback !== undefined) return value === undefined || value === '' ? fallback : value;
      if (value === undefined) missing ??= name;
      return value ?? '';
    },
  );
  return { text: replaced, unset: missing };
}

function unset(
  name: string,
  { names }: Variables,
  place: ReturnType<Places['offset']>,
): Diagnostic {
  const message = `the variable "${name}" is not set; say "\${${name}:-default}" for a default, or "$\${${name}}" for the text itself`;
  const suggestion = suggest(name, names);
  return {
    code: 'unset-variable',
    message,
    ...(suggestion === undefined ? {} : { suggestion }),
    ...place,
  };
}

/** Without quotes a value may be a number or a truth, as if it had been written there. */
function plainValue(text: string): unknown {
  const { contents, errors } = parseDocument(text, { prettyErrors: false, logLevel: 'silent' });
  return errors.length === 0 && isScalar(contents) && contents.type === Scalar.PLAIN
    ? contents.value
    : text;
}
