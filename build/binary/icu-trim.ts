// Replaces the ICU data linked into a Node executable (33 MB, every language) by what English needs.
// Pure.

import { BinaryError } from './binary-error.ts';
import { findDynamicSymbol, PT_LOAD, readSegments } from './elf.ts';
import { isNeeded, readIcuPackage, writeIcuPackage } from './icu-data.ts';
import type { Range } from './punch-hole.ts';

export interface TrimmedIcu {
  /** The executable with the smaller package in the place of the old one; as long as before. */
  readonly bytes: Buffer;
  /** What the smaller package leaves free, all zero. */
  readonly unused: Range;
  readonly itemsBefore: number;
  readonly itemsKept: number;
  readonly icuBytesKept: number;
}

/** @throws BinaryError `not-elf`, `no-icu`, `icu-layout` */
export function trimIcu(elf: Buffer): TrimmedIcu {
  const range = locateIcuData(elf);
  const original = elf.subarray(range.start, range.end);
  const items = readIcuPackage(original);
  const kept = items.filter(({ name }) => isNeeded(name));
  const trimmed = writeIcuPackage(original, kept);
  if (trimmed.length > original.length) {
    throw new BinaryError('icu-layout', 'the trimmed ICU data is larger than the original');
  }

  const rewritten = Buffer.from(elf);
  rewritten.fill(0, range.start, range.end);
  trimmed.copy(rewritten, range.start);
  return {
    bytes: rewritten,
    unused: { start: range.start + trimmed.length, end: range.end },
    itemsBefore: items.length,
    itemsKept: kept.length,
    icuBytesKept: trimmed.length,
  };
}

/**
 * Where the data lies in the file. The symbol gives its exact size, and the last item has no other
 * end; it is a dynamic symbol, because Node exports everything to native addons.
 */
export function locateIcuData(elf: Buffer): Range {
  const segments = readSegments(elf);
  const symbol = findDynamicSymbol(elf, /^icudt\d+_dat$/);
  const holder = segments.find(
    ({ type, address, fileSize }) =>
      type === PT_LOAD &&
      symbol !== undefined &&
      address <= symbol.address &&
      symbol.address + symbol.size <= address + fileSize,
  );
  if (symbol === undefined || holder === undefined) {
    throw new BinaryError(
      'no-icu',
      'found no ICU data: no symbol icudt<version>_dat with contents',
    );
  }
  const start = symbol.address - holder.address + holder.offset;
  return { start, end: start + symbol.size };
}
