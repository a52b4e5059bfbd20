/** Reading values of JSON that somebody else wrote. Pure; each throws `LinuxkitError`. */
import { parseExact } from '../../runc-shim/oci/parse-exact.ts';
import { errorMessage } from '../../sys/errno.ts';
import { LinuxkitError, type LinuxkitErrorCode } from './linuxkit-error.ts';

export type Fields = Readonly<Record<string, unknown>>;

export interface Place {
  /** The file. */
  readonly path: string;
  /** What a value of the wrong shape there is called. */
  readonly code: LinuxkitErrorCode;
}

export function parseFields(text: string, place: Place): Fields {
  let value: unknown;
  try {
    value = parseExact(text);
  } catch (error) {
    throw new LinuxkitError(place.code, place.path, `is not JSON: ${errorMessage(error)}`);
  }
  if (!isFields(value)) throw new LinuxkitError(place.code, place.path, 'is no object');
  return value;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** LinuxKit's builder, being Go, writes `null` for a list that was never made. */
export function listOf<T>(
  value: unknown,
  isItem: (item: unknown) => item is T,
  what: string,
  { path, code }: Place,
): readonly T[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value) && value.every((item) => isItem(item))) return value;
  throw new LinuxkitError(code, path, `${what} is not what it must be: ${JSON.stringify(value)}`);
}

export function isText(value: unknown): value is string {
  return typeof value === 'string';
}

export function onlyFields(
  fields: Fields,
  known: readonly string[],
  what: string,
  path: string,
): void {
  const unknown = Object.keys(fields).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  throw new LinuxkitError('unknown-field', path, `${what} has the unknown field "${unknown}"`);
}
