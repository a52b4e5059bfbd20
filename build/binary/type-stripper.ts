// Node carries a compiler that takes the types out of TypeScript: 3.8 MB of WebAssembly, written as
// base64 in the text of one of its modules. What PID 1 runs has been compiled long before, so the text
// is overwritten with a single letter, which makes the initrd 1 MB smaller. Pure.
//
// Nothing moves: the module keeps its length, by which V8 knows that the module's code cache fits. Who
// asks for the compiler all the same gets a WebAssembly.CompileError.

import { BinaryError } from './binary-error.ts';
import type { Range } from './punch-hole.ts';

/** What `\0asm` and the version 1 look like in base64. */
const WASM = Buffer.from('AGFzbQEAAA', 'latin1');
/** Between this compiler and what else Node carries in this form: its HTTP parser has 72 kB. */
const MIN_LENGTH = 1 << 20;
/** Zeros, in base64. */
const BLANK = 'A';

/** A copy of the executable without the compiler. @throws BinaryError `no-type-stripper` */
export function blankTypeStripper(elf: Buffer): Buffer {
  const { start, end } = locateTypeStripper(elf);
  return Buffer.from(elf).fill(BLANK, start, end, 'latin1');
}

/** Where its base64 lies in the file. @throws BinaryError `no-type-stripper` unless there is exactly one */
export function locateTypeStripper(elf: Buffer): Range {
  const found: Range[] = [];
  for (let start = elf.indexOf(WASM); start !== -1; start = elf.indexOf(WASM, start + 1)) {
    const end = endOfBase64(elf, start);
    if (end - start >= MIN_LENGTH) found.push({ start, end });
  }
  const [only] = found;
  if (only === undefined || found.length > 1) {
    throw new BinaryError(
      'no-type-stripper',
      `found the compiler for TypeScript ${found.length} times in Node, not once`,
    );
  }
  return only;
}

function endOfBase64(bytes: Buffer, start: number): number {
  let end = start;
  while (isBase64(bytes[end])) end++;
  return end;
}

function isBase64(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  const isLetter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
  // "/" and the digits are neighbours.
  return isLetter || (byte >= 0x2f && byte <= 0x39) || byte === 0x2b || byte === 0x3d;
}
