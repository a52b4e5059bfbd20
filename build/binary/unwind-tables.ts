// The tables by which C++ and Rust find their way up the stack when they throw (.eh_frame_hdr and
// .eh_frame, 6.4 MB of Node). Nothing PID 1 runs can catch what is thrown with them: V8 and Node are
// built without exceptions, and of 130,000 functions only 992, Rust's for Temporal and the C++ runtime's
// own, have a handler at all. Without tables a throw ends in std::terminate, as it does with them. Pure.

import { BinaryError } from './binary-error.ts';
import { findSection, PT_GNU_EH_FRAME, readSegments } from './elf.ts';
import type { Range } from './punch-hole.ts';

/**
 * Both tables, which the linker puts side by side. Needs the section headers, so before a hole is
 * punched. @throws BinaryError `no-unwind-tables`
 */
export function locateUnwindTables(elf: Buffer): Range {
  const index = readSegments(elf).find(({ type }) => type === PT_GNU_EH_FRAME);
  const table = findSection(elf, '.eh_frame');
  if (index === undefined || table === undefined || table.start < index.offset) {
    throw new BinaryError('no-unwind-tables', 'found no unwind tables in Node');
  }
  return { start: index.offset, end: table.end };
}
