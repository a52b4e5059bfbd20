/**
 * Maps of sparse files: which parts of a file an archive holds; the rest are zeros. GNU tar has written
 * four forms over the years (its manual, "Storing Sparse Files"). Pure.
 */
import type { PaxRecord } from './pax.ts';
import { TarError } from './tar-error.ts';
import { BLOCK, number } from './tar-header.ts';

export interface SparseMap {
  readonly realSize: number;
  readonly fragments: readonly Fragment[];
}

export interface Fragment {
  readonly offset: number;
  readonly length: number;
}

/** An entry of type S has four fragments in its header; `more` says that blocks of 21 follow. */
export function decodeOldMap(
  block: Buffer,
  name: string,
): { readonly realSize: number; readonly fragments: readonly Fragment[]; readonly more: boolean } {
  const fragments = decodeFragments(block, 386, 4, name);
  return { realSize: number(block, 483, 12, name), fragments, more: block[482] === 1 };
}

export function decodeMoreOfOldMap(
  block: Buffer,
  name: string,
): { readonly fragments: readonly Fragment[]; readonly more: boolean } {
  return { fragments: decodeFragments(block, 0, 21, name), more: block[504] === 1 };
}

/** The map of the forms 0.0 and 0.1, which is in PAX records; `undefined` when there is none. */
export function mapFromRecords(records: readonly PaxRecord[], name: string): SparseMap | undefined {
  const all = (key: string): readonly string[] =>
    records.filter(([found]) => found === key).map(([, value]) => value.toString());
  const size = all('GNU.sparse.size').at(-1);
  if (size === undefined) return undefined;
  const list = all('GNU.sparse.map').at(-1)?.split(',');
  const words =
    list ??
    all('GNU.sparse.offset').flatMap((offset, index) => [
      offset,
      all('GNU.sparse.numbytes')[index] ?? '',
    ]);
  return { realSize: decimal(size, name), fragments: pairs(words, name) };
}

/** Whether the map stands before the contents: the form 1.0. */
export function hasMapInData(records: readonly PaxRecord[]): boolean {
  return records.some(([key, value]) => key === 'GNU.sparse.major' && value.toString() === '1');
}

/** How many numbers a map of the form 1.0 has so far been read of, and how many it should have. */
export function mapFromData(text: string, name: string): readonly Fragment[] | 'more' {
  const lines = text.split('\n');
  const [count = '', ...rest] = lines.slice(0, -1);
  if (lines.length < 2) return 'more';
  const wanted = decimal(count, name) * 2;
  if (wanted > MOST_FRAGMENTS * 2) throw new TarError('absurd', name, `${count} fragments`);
  return rest.length < wanted ? 'more' : pairs(rest.slice(0, wanted), name);
}

const MOST_FRAGMENTS = 1_000_000;

/** Throws `TarError` unless the fragments are in order, apart, inside the file, and what is stored. */
export function checkMap({ realSize, fragments }: SparseMap, stored: number, name: string): void {
  let end = 0;
  let sum = 0;
  for (const { offset, length } of fragments) {
    if (offset < end || offset + length > realSize) {
      throw new TarError('malformed', name, 'its sparse map contradicts itself');
    }
    end = offset + length;
    sum += length;
  }
  if (sum === stored) return;
  throw new TarError('malformed', name, `its sparse map has ${sum} bytes, the archive ${stored}`);
}

function decodeFragments(
  block: Buffer,
  at: number,
  count: number,
  name: string,
): readonly Fragment[] {
  const fragments: Fragment[] = [];
  for (let index = 0; index < count; index += 1) {
    const start = at + index * 24;
    if (start + 24 > BLOCK || block[start] === 0) break;
    const offset = number(block, start, 12, name);
    fragments.push({ offset, length: number(block, start + 12, 12, name) });
  }
  return fragments;
}

function pairs(words: readonly string[], name: string): readonly Fragment[] {
  const fragments: Fragment[] = [];
  for (let index = 0; index < words.length; index += 2) {
    const [offset = '', length = ''] = words.slice(index, index + 2);
    fragments.push({ offset: decimal(offset, name), length: decimal(length, name) });
  }
  return fragments;
}

export function decimal(word: string, name: string): number {
  const value = /^\d{1,16}$/u.test(word) ? Number(word) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  throw new TarError('malformed', name, `"${word.slice(0, 40)}" is no number`);
}
