/**
 * Tar archives, entry by entry: v7, ustar, PAX and GNU with long names, big numbers, extended attributes
 * and all sparse forms. Ours because image layers need what the libraries leave out: they decode
 * attributes as text, which destroys file capabilities, and take sparse files for their maps.
 */
import { decodePax, type PaxRecord } from './pax.ts';
import {
  checkMap,
  decimal,
  decodeMoreOfOldMap,
  decodeOldMap,
  type Fragment,
  hasMapInData,
  mapFromData,
  mapFromRecords,
  type SparseMap,
} from './sparse.ts';
import { TarError } from './tar-error.ts';
import { BLOCK, decodeHeader, type TarHeader, utf8 } from './tar-header.ts';
import { TarInput } from './tar-input.ts';

export interface TarEntry {
  readonly header: TarHeader;
  /** Raw values by name. */
  readonly xattrs: ReadonlyMap<string, Buffer>;
  /** All that stands in PAX headers about it, in order. */
  readonly records: readonly PaxRecord[];
  /** Size of the file; the contents are the fragments one after another, and zeros between them. */
  readonly map: SparseMap;
  /** The contents. To be read, or left, before the next entry is asked for. */
  readonly contents: AsyncIterable<Buffer>;
}

/** Longer than any name or attribute set the kernel takes. */
const LARGEST_HEADER = 1024 * 1024;

/** Types that never have contents, whatever size they claim. */
const WITHOUT_CONTENTS = '123456';

/** Throws `TarError`. The source is read to its end, or closed. */
export async function* decodeTar(source: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry> {
  const input = new TarInput(source);
  try {
    yield* entriesOf(input);
    await input.drain();
  } finally {
    await input.close();
  }
}

async function* entriesOf(input: TarInput): AsyncGenerator<TarEntry> {
  let global: readonly PaxRecord[] = [];
  let local: readonly PaxRecord[] = [];
  let long: { readonly name?: string; readonly linkname?: string } = {};
  for (;;) {
    const block = await input.read(BLOCK);
    const header = block === undefined ? undefined : decodeHeader(whole(block));
    if (block === undefined || header === undefined) break;
    switch (header.type) {
      case 'g':
        global = [...global, ...decodePax(await readMeta(input, header))];
        continue;
      case 'x':
      case 'X':
        local = decodePax(await readMeta(input, header));
        continue;
      case 'L':
        long = { ...long, name: untilNul(await readMeta(input, header)) };
        continue;
      case 'K':
        long = { ...long, linkname: untilNul(await readMeta(input, header)) };
        continue;
      case 'V':
        // A label for the tape.
        await skip(input, padded(header.size));
        continue;
      default:
    }
    yield* oneEntry(input, block, { ...header, ...long }, [...global, ...local]);
    [local, long] = [[], {}];
  }
}

async function* oneEntry(
  input: TarInput,
  block: Buffer,
  raw: TarHeader,
  records: readonly PaxRecord[],
): AsyncGenerator<TarEntry> {
  const header = withRecords(raw, records);
  const hasContents = !WITHOUT_CONTENTS.includes(header.type);
  const size = hasContents ? header.size : 0;
  if (size < 0) throw new TarError('malformed', header.name, 'its size is negative');
  const { map, mapBytes } = await sparseMap(input, block, { ...header, size }, records);
  let left = size - mapBytes;
  checkMap(map, left, header.name);
  async function* contents(): AsyncGenerator<Buffer> {
    for await (const part of input.stream(left)) {
      left -= part.length;
      yield part;
    }
  }
  yield { header, records, xattrs: xattrsOf(records), map, contents: contents() };
  await skip(input, left + padded(size) - size);
}

async function sparseMap(
  input: TarInput,
  block: Buffer,
  { name, type, size }: TarHeader,
  records: readonly PaxRecord[],
): Promise<{ readonly map: SparseMap; readonly mapBytes: number }> {
  if (type === 'S') {
    const { realSize, fragments, ...first } = decodeOldMap(block, name);
    const all = [...fragments];
    for (let { more } = first; more;) {
      const next = decodeMoreOfOldMap(whole(await input.read(BLOCK)), name);
      all.push(...next.fragments);
      ({ more } = next);
    }
    return { map: { realSize, fragments: all }, mapBytes: 0 };
  }
  if (hasMapInData(records)) {
    const realSize = decimal(lastRecord(records, 'GNU.sparse.realsize')?.toString() ?? '', name);
    const { fragments, mapBytes } = await readMapInData(input, size, name);
    return { map: { realSize, fragments }, mapBytes };
  }
  const dense = { realSize: size, fragments: size === 0 ? [] : [{ offset: 0, length: size }] };
  return { map: mapFromRecords(records, name) ?? dense, mapBytes: 0 };
}

async function readMapInData(
  input: TarInput,
  size: number,
  name: string,
): Promise<{ readonly fragments: readonly Fragment[]; readonly mapBytes: number }> {
  let text = '';
  for (let mapBytes = BLOCK; mapBytes <= size; mapBytes += BLOCK) {
    text += whole(await input.read(BLOCK)).toString('latin1');
    const fragments = mapFromData(text, name);
    if (fragments !== 'more') return { fragments, mapBytes };
    if (mapBytes > LARGEST_HEADER * 32) break;
  }
  throw new TarError('malformed', name, 'its sparse map has no end');
}

function withRecords(header: TarHeader, records: readonly PaxRecord[]): TarHeader {
  const text = (key: string): string | undefined => {
    const value = lastRecord(records, key);
    return value === undefined ? undefined : utf8(value);
  };
  const numeric = (key: string, fallback: number): number => {
    const value = text(key);
    if (value === undefined) return fallback;
    const parsed = Number(value);
    if (/^-?\d+(?:\.\d*)?$/u.test(value) && Math.abs(parsed) <= Number.MAX_SAFE_INTEGER) {
      return Math.floor(parsed);
    }
    throw new TarError('malformed', header.name, `its ${key} is "${value.slice(0, 40)}"`);
  };
  return {
    ...header,
    name: text('GNU.sparse.name') ?? text('path') ?? header.name,
    linkname: text('linkpath') ?? header.linkname,
    size: numeric('size', header.size),
    uid: numeric('uid', header.uid),
    gid: numeric('gid', header.gid),
    mtime: numeric('mtime', header.mtime),
  };
}

const XATTR = 'SCHILY.xattr.';

function xattrsOf(records: readonly PaxRecord[]): ReadonlyMap<string, Buffer> {
  return new Map(
    records
      .filter(([key]) => key.startsWith(XATTR))
      .map(([key, value]) => [key.slice(XATTR.length), Buffer.from(value)]),
  );
}

function lastRecord(records: readonly PaxRecord[], wanted: string): Buffer | undefined {
  return records.findLast(([key]) => key === wanted)?.[1];
}

async function readMeta(input: TarInput, { name, size }: TarHeader): Promise<Buffer> {
  if (size < 0 || size > LARGEST_HEADER) {
    throw new TarError('absurd', name, `an extended header of ${size} bytes`);
  }
  const bytes = size === 0 ? Buffer.alloc(0) : whole(await input.read(padded(size)));
  return bytes.subarray(0, size);
}

async function skip(input: TarInput, length: number): Promise<void> {
  for await (const _ of input.stream(length)) {
    // Passed over.
  }
}

function whole(block: Buffer | undefined): Buffer {
  if (block !== undefined) return block;
  throw new TarError('truncated', '', 'unexpected end of data');
}

function untilNul(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return utf8(end === -1 ? bytes : bytes.subarray(0, end));
}

function padded(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}
