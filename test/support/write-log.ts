/**
 * What QEMU's `blklogwrites` has noted of a disk: each write in its order, and the flushes between them. The format is that of the
 * kernel's dm-log-writes (drivers/md/dm-log-writes.c); a log is noted up to its last flush.
 */
import { open } from 'node:fs/promises';

export interface LoggedWrite {
  /** In bytes, on the disk. */
  readonly start: number;
  readonly bytes: Buffer;
  /** Whether all before it is on the disk when the next one comes. */
  readonly isFlush: boolean;
}

const MAGIC = 0x6a_73_66_77_73_68_72n;
const FLUSH = 1;
const FUA = 2;
const DISCARD = 4;
const ENTRY_BYTES = 32;

/** Those of a log that QEMU may still be writing. A flush alone has no bytes, and what was discarded is zeros. */
export async function* loggedWrites(path: string): AsyncGenerator<LoggedWrite, void, undefined> {
  const file = await open(path);
  const read = async (at: number, length: number): Promise<Buffer> => {
    const bytes = Buffer.alloc(length);
    await file.read(bytes, 0, length, at);
    return bytes;
  };
  try {
    const head = await read(0, ENTRY_BYTES);
    if (head.readBigUInt64LE(0) !== MAGIC) throw new Error(`${path} is no log of writes`);
    const sector = head.readUInt32LE(24);
    let at = sector;
    for (let left = head.readBigUInt64LE(16); left > 0n; left -= 1n) {
      const entry = await read(at, ENTRY_BYTES);
      const [first = 0, sectors = 0, flags = 0] = [0, 8, 16].map((place) =>
        Number(entry.readBigUInt64LE(place)),
      );
      at += sector;
      const length = sectors * sector;
      const isDiscard = (flags & DISCARD) !== 0;
      const bytes = isDiscard ? Buffer.alloc(length) : await read(at, length);
      if (!isDiscard) at += length;
      yield { start: first * sector, bytes, isFlush: (flags & (FLUSH | FUA)) !== 0 };
    }
  } finally {
    await file.close();
  }
}
