// Makes a Node executable 29 MB smaller: replaces the ICU data linked into it (33 MB, every language)
// by what English needs, and cuts the freed bytes out of the file. Pure.
//
// Order matters: strip, then inject the program, then this. The tools that inject rewrite the ELF file
// and do not expect the hole; `strip` neither.

import { BinaryError } from './binary-error.ts';
import { findDynamicSymbol, PT_LOAD, readSegments } from './elf.ts';
import { isNeeded, readIcuPackage, writeIcuPackage } from './icu-data.ts';
import { punchHole, type Range } from './punch-hole.ts';

export interface Trimmed {
  readonly bytes: Buffer;
  readonly itemsBefore: number;
  readonly itemsKept: number;
  readonly icuBytesKept: number;
}

/** @throws BinaryError `not-elf`, `no-icu`, `icu-layout`, `no-segment-slot` */
export function trimIcu(elf: Buffer): Trimmed {
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
    bytes: punchHole(rewritten, { start: range.start + trimmed.length, end: range.end }),
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
