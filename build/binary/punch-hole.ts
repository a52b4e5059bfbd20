// Takes bytes out of an executable without moving anything in memory: the segment that maps them is
// split in two, and what stands behind them in the file moves up. Pure.
//
// In memory the hole reads as zeros and costs nothing until it is read: the first half of the segment
// is longer in memory than in the file, as the one with .bss is.

import { BinaryError } from './binary-error.ts';
import {
  dropSections,
  hasFreeSegmentSlot,
  PT_LOAD,
  readSegments,
  segmentTableOffset,
  writeSegments,
  writeSegmentTableOffset,
  type Segment,
} from './elf.ts';

/** Byte range in the file, `end` exclusive. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** The executable without the whole pages of several ranges, which must not overlap; see punchHole. */
export function punchHoles(elf: Buffer, unused: readonly Range[]): Buffer {
  // From behind, so that the ranges that are still to come keep their place in the file.
  return unused.toSorted((a, b) => b.start - a.start).reduce(punchHole, elf);
}

/**
 * The executable without the whole pages of `unused`; addresses in the hole read as zero, all others
 * keep their contents. Section headers go: they could not say that one section has a hole.
 * Bytes behind the last segment, which nothing loads, go too.
 *
 * @throws BinaryError `no-segment-slot` when the table of program headers has no room for one more;
 *   `not-elf` when no single segment holds the range.
 */
export function punchHole(elf: Buffer, unused: Range): Buffer {
  const segments = readSegments(elf);
  const holder = segments.find((segment) => segment.type === PT_LOAD && contains(segment, unused));
  if (holder === undefined) {
    throw new BinaryError('not-elf', 'the bytes to remove do not lie in one loadable segment');
  }
  // Offset and address of every segment must stay congruent modulo its alignment.
  const page = Math.max(
    ...segments.filter(({ type }) => type === PT_LOAD).map(({ align }) => align),
  );
  const hole = { start: roundUp(unused.start, page), end: unused.end - (unused.end % page) };
  if (hole.end <= hole.start) return elf;
  if (!hasFreeSegmentSlot(elf)) {
    throw new BinaryError('no-segment-slot', 'no room for one more program header');
  }

  const moved = (offset: number): number =>
    offset >= hole.end ? offset - (hole.end - hole.start) : offset;
  const kept = segments
    .flatMap((segment) => (segment === holder ? split(segment, hole) : [segment]))
    .map((segment) => ({ ...segment, offset: moved(segment.offset) }));

  const end = Math.max(...kept.map(({ offset, fileSize }) => offset + fileSize));
  const result = Buffer.concat([elf.subarray(0, hole.start), elf.subarray(hole.end)]);
  writeSegmentTableOffset(result, moved(segmentTableOffset(elf)));
  writeSegments(result, kept);
  dropSections(result);
  return result.subarray(0, end);
}

function split(segment: Segment, hole: Range): readonly Segment[] {
  const before = hole.start - segment.offset;
  const skipped = hole.end - segment.offset;
  return [
    { ...segment, fileSize: before, memorySize: skipped },
    {
      ...segment,
      offset: hole.end,
      address: segment.address + skipped,
      fileSize: segment.fileSize - skipped,
      memorySize: segment.memorySize - skipped,
    },
  ];
}

function contains(segment: Segment, range: Range): boolean {
  return segment.offset <= range.start && range.end <= segment.offset + segment.fileSize;
}

function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}
