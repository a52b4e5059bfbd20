// Reads and writes the few parts of a 64-bit little-endian ELF file that trimming needs: program
// headers and dynamic symbols. Pure. Layout: elf(5), <elf.h>; offsets in bytes from the structure.
//
//   Ehdr   0 magic \x7fELF, 4 class (2 = 64 bit), 5 data (1 = little endian), 32 phoff u64, 40 shoff u64,
//          54 phentsize u16, 56 phnum u16, 58 shentsize u16, 60 shnum u16, 62 shstrndx u16
//   Phdr   0 type u32, 4 flags u32, 8 offset u64, 16 vaddr u64, 24 paddr u64, 32 filesz u64, 40 memsz u64, 48 align u64
//   Shdr   0 name u32, 4 type u32, 24 offset u64, 32 size u64, 40 link u32 (of a symbol table: its string table)
//   Sym    0 name u32, 4 info u8, 8 value u64, 16 size u64

import { BinaryError } from './binary-error.ts';

export const PT_LOAD = 1;
/** Points at the index of the unwind tables (Linux Standard Base, "Exception Frames"). */
export const PT_GNU_EH_FRAME = 0x6474_e550;
const SHT_DYNSYM = 11;

const PHDR_SIZE = 56;
const SHDR_SIZE = 64;
const SYM_SIZE = 24;

/** One program header. Addresses are virtual; this file keeps the physical one equal, as Linux ignores it. */
export interface Segment {
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly address: number;
  readonly fileSize: number;
  readonly memorySize: number;
  readonly align: number;
}

export interface ElfSymbol {
  readonly name: string;
  readonly address: number;
  readonly size: number;
}

/** @throws BinaryError `not-elf` */
export function readSegments(elf: Buffer): readonly Segment[] {
  const identity = elf.subarray(0, 6).toString('latin1');
  if (identity !== '\x7fELF\x02\x01' || elf.readUInt16LE(54) !== PHDR_SIZE) {
    throw new BinaryError('not-elf', 'not a 64-bit little-endian ELF file');
  }
  const table = readNumber(elf, 32);
  return Array.from({ length: elf.readUInt16LE(56) }, (_, index) => {
    const at = table + index * PHDR_SIZE;
    return {
      type: elf.readUInt32LE(at),
      flags: elf.readUInt32LE(at + 4),
      offset: readNumber(elf, at + 8),
      address: readNumber(elf, at + 16),
      fileSize: readNumber(elf, at + 32),
      memorySize: readNumber(elf, at + 40),
      align: readNumber(elf, at + 48),
    };
  });
}

/** Replaces the table of program headers where it stands. The caller has made sure of the room. */
export function writeSegments(elf: Buffer, segments: readonly Segment[]): void {
  const table = readNumber(elf, 32);
  elf.writeUInt16LE(segments.length, 56);
  segments.forEach((segment, index) => {
    const at = table + index * PHDR_SIZE;
    elf.writeUInt32LE(segment.type, at);
    elf.writeUInt32LE(segment.flags, at + 4);
    writeNumber(elf, at + 8, segment.offset);
    writeNumber(elf, at + 16, segment.address);
    writeNumber(elf, at + 24, segment.address);
    writeNumber(elf, at + 32, segment.fileSize);
    writeNumber(elf, at + 40, segment.memorySize);
    writeNumber(elf, at + 48, segment.align);
  });
}

/**
 * Whether one more program header fits behind the last: the bytes must be mapped by the segment that
 * holds the table (the kernel hands its address to the program) and used by nobody, so all zero.
 * The tools that inject a resource move the table to where there is such room.
 */
export function hasFreeSegmentSlot(elf: Buffer): boolean {
  const segments = readSegments(elf);
  const slot = readNumber(elf, 32) + segments.length * PHDR_SIZE;
  const mapped = segments.some(
    (segment) =>
      segment.type === PT_LOAD &&
      segment.offset <= slot &&
      slot + PHDR_SIZE <= segment.offset + segment.fileSize,
  );
  return mapped && elf.subarray(slot, slot + PHDR_SIZE).every((byte) => byte === 0);
}

/** Byte range of the table of program headers, for whoever moves bytes. */
export function segmentTableOffset(elf: Buffer): number {
  return readNumber(elf, 32);
}

export function writeSegmentTableOffset(elf: Buffer, offset: number): void {
  writeNumber(elf, 32, offset);
}

/** Makes a file without section headers. Only tools read them; the kernel and the loader never do. */
export function dropSections(elf: Buffer): void {
  writeNumber(elf, 40, 0);
  elf.fill(0, 58, 64);
}

/** Where a section's bytes lie in the file; `undefined` when there is none of that name. */
export function findSection(
  elf: Buffer,
  name: string,
): { readonly start: number; readonly end: number } | undefined {
  const sections = readNumber(elf, 40);
  const header = (index: number): number => sections + index * SHDR_SIZE;
  const names = readNumber(elf, header(elf.readUInt16LE(62)) + 24);
  for (let index = 0; index < elf.readUInt16LE(60); index++) {
    const at = header(index);
    if (readString(elf, names + elf.readUInt32LE(at)) !== name) continue;
    const start = readNumber(elf, at + 24);
    return { start, end: start + readNumber(elf, at + 32) };
  }
  return undefined;
}

/** The first dynamic symbol whose name matches. Dynamic symbols survive `strip`, the others do not. */
export function findDynamicSymbol(elf: Buffer, pattern: RegExp): ElfSymbol | undefined {
  const sections = readNumber(elf, 40);
  for (let index = 0; index < elf.readUInt16LE(60); index++) {
    const section = sections + index * SHDR_SIZE;
    if (elf.readUInt32LE(section + 4) !== SHT_DYNSYM) continue;
    const names = readNumber(elf, sections + elf.readUInt32LE(section + 40) * SHDR_SIZE + 24);
    const first = readNumber(elf, section + 24);
    const end = first + readNumber(elf, section + 32);
    for (let at = first; at < end; at += SYM_SIZE) {
      const name = readString(elf, names + elf.readUInt32LE(at));
      if (pattern.test(name)) {
        return { name, address: readNumber(elf, at + 8), size: readNumber(elf, at + 16) };
      }
    }
  }
  return undefined;
}

/** A NUL-terminated string. */
export function readString(bytes: Buffer, at: number): string {
  return bytes.toString('latin1', at, bytes.indexOf(0, at));
}

function readNumber(bytes: Buffer, at: number): number {
  return Number(bytes.readBigUInt64LE(at));
}

function writeNumber(bytes: Buffer, at: number, value: number): void {
  bytes.writeBigUInt64LE(BigInt(value), at);
}
