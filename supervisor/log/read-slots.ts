/**
 * Where reads of FIFOs put what they have read. A read happens on another thread, and PID 1 may die before it has looked
 * at the result: the bytes are in nobody's pipe any more then. So a slot says whose they are, and is cleared
 * when they have been taken care of; slots in memory that outlives an execve show the next generation what is left.
 *
 * How many bytes a read has brought is not in memory. They end with the last that is not zero: a log that
 * ends with NULs may lose those.
 */

/** As much as the kernel's pipe holds. */
const DATA_BYTES = 65_536;
/** Above the longest path of a FIFO. */
const NAME_BYTES = 4096;
const SLOT_BYTES = NAME_BYTES + DATA_BYTES;

export interface ReadSlot {
  readonly data: Buffer;
  /** Whose bytes are in it or on their way; empty for nobody's. */
  readonly owner: string;
  /** Says whose bytes are to come. */
  claim(name: string): void;
  /** They have been taken care of, the first `length` bytes. */
  clear(length: number): void;
}

export const slotsBytes = (count: number): number => count * SLOT_BYTES;

/** The slots of a memory of `slotsBytes`. */
export function readSlots(memory: Buffer): ReadSlot[] {
  return Array.from({ length: memory.length / SLOT_BYTES }, (_, index) => {
    const slot = memory.subarray(index * SLOT_BYTES, (index + 1) * SLOT_BYTES);
    const data = slot.subarray(NAME_BYTES);
    return {
      data,
      get owner() {
        return slot.toString('utf8', 2, 2 + slot.readUInt16LE(0));
      },
      claim(name) {
        const length = slot.write(name, 2);
        slot.writeUInt16LE(length, 0);
      },
      clear(length) {
        data.fill(0, 0, length);
        slot.writeUInt16LE(0, 0);
      },
    };
  });
}
