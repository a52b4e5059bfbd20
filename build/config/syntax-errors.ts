/**
 * The YAML parser's own errors → diagnostics: the ones that only follow from an earlier one left out,
 * the obscure ones said in words that help.
 */
import { type Document, type ErrorCode, visit, type YAMLError } from 'yaml';

import type { Diagnostic } from './diagnostics.ts';
import type { Places } from './places.ts';

/** Every error and warning of a parsed document. Warnings count: an unknown tag is no small thing. */
export function syntaxErrors(document: Document.Parsed, places: Places): readonly Diagnostic[] {
  return withoutEchoes([...document.errors, ...document.warnings]).map((error) => {
    const [start, end] = locate(error, document);
    const code = error.code === 'DUPLICATE_KEY' ? 'duplicate-key' : 'yaml-syntax';
    return {
      code,
      message: WORDS[error.code] ?? lowerFirst(error.message),
      ...places.offset(start, end),
    };
  });
}

const WORDS: Readonly<Partial<Record<ErrorCode, string>>> = {
  DUPLICATE_KEY: 'this key is already given in the same map',
  MULTILINE_IMPLICIT_KEY: 'this is neither "key: value" nor the rest of a value above it',
  BLOCK_AS_IMPLICIT_KEY:
    'either the next line is indented too far, or a value with ": " in it needs quotes',
  RESOURCE_EXHAUSTION: 'nested too deeply',
  MULTIPLE_DOCS: 'a second document begins here, and a configuration is a single one',
};

/**
 * After the first unexpected token the parser finds every following one unexpected as well, at its
 * depth limit it gives up on each level, and what it reports twice at one place is one mistake.
 */
function withoutEchoes(errors: readonly YAMLError[]): readonly YAMLError[] {
  const isEcho = (error: YAMLError): boolean =>
    (error.code === 'UNEXPECTED_TOKEN' || error.code === 'RESOURCE_EXHAUSTION') &&
    errors.find(({ code }) => code === error.code) !== error;
  return errors.filter((error, index) => {
    if (isEcho(error)) return false;
    return errors.findIndex(({ pos }) => pos[0] === error.pos[0]) === index;
  });
}

/** A missing closing quote is noticed where the text ends, and made where the quote opens. */
function locate(error: YAMLError, document: Document.Parsed): readonly [number, number] {
  let opened: number | undefined;
  if (error.code === 'MISSING_CHAR') {
    visit(document, {
      Scalar(_, scalar) {
        const quoted = scalar.type === 'QUOTE_DOUBLE' || scalar.type === 'QUOTE_SINGLE';
        if (quoted && scalar.range?.[1] === error.pos[0]) {
          opened = scalar.range[0];
        }
      },
    });
  }
  return opened === undefined ? error.pos : [opened, opened + 1];
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
