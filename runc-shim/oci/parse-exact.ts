/**
 * JSON with its integers as they are written: one that no JavaScript number can hold becomes a bigint, which
 * render.ts writes again. RLIM_INFINITY is such a one. Pure.
 */

/** In ECMAScript since 2025 and in Node, not yet in TypeScript's library. */
type SourceReviver = (
  key: string,
  value: unknown,
  context: { readonly source?: string },
) => unknown;
const parse = JSON.parse as (text: string, reviver: SourceReviver) => unknown;

/** Throws `SyntaxError`. */
export function parseExact(text: string): unknown {
  return parse(text, (_key, value, { source }) => {
    if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
    return source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value;
  });
}
