/**
 * The text of config.json, or of the part of it that `exec` takes. A codec of its own because of one number: RLIM_INFINITY is 2^64-1, which a
 * JavaScript number prints as 18446744073709552000, and Go refuses that as a uint64.
 */
import type { ProcessSpec, RuntimeSpec } from './runtime-spec.ts';

/** In ECMAScript since 2025 and in Node, not yet in TypeScript's library. */
const json = JSON as unknown as { rawJSON(text: string): unknown };

export function renderSpec(spec: RuntimeSpec | ProcessSpec): string {
  return renderValue(spec);
}

/** The same for a value that holds specs. */
export function renderValue(value: unknown, indent?: number): string {
  return JSON.stringify(
    value,
    (_key, part: unknown) => (typeof part === 'bigint' ? json.rawJSON(String(part)) : part),
    indent,
  );
}
