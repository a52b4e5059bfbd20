import type { Ask } from '../cloud-client.ts';
import { type Metadata, MetadataError } from '../metadata.ts';

/** Asks one cloud's server for everything. Rejects with `MetadataError`. */
export type Cloud = (ask: Ask) => Promise<Metadata>;

export function textOf(body: Buffer | undefined): string | undefined {
  const text = body?.toString().trim();
  return text === '' ? undefined : text;
}

export function linesOf(text: string | undefined): string[] {
  return (text ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** A document that has to be there. What it looks like is for the caller to doubt. */
export function jsonOf(path: string, body: Buffer | undefined): unknown {
  if (body === undefined) throw new MetadataError(`${path}: there is no such document`);
  try {
    return JSON.parse(body.toString());
  } catch (error) {
    throw new MetadataError(`${path}: no JSON`, { cause: error });
  }
}

/** What is at `path` of a document that may look otherwise; numbers as text. */
export function textAt(
  document: unknown,
  ...path: readonly (string | number)[]
): string | undefined {
  const found = at(document, path);
  if (typeof found === 'number') return String(found);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

/** What is in the list or in the object there, without the names. */
export function valuesAt(
  document: unknown,
  ...path: readonly (string | number)[]
): readonly unknown[] {
  const found = at(document, path);
  return typeof found === 'object' && found !== null ? Object.values(found) : [];
}

function at(document: unknown, path: readonly (string | number)[]): unknown {
  let found = document;
  for (const key of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = (found as Readonly<Record<string | number, unknown>>)[key];
  }
  return found;
}
