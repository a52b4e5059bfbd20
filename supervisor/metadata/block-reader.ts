/** Bytes of a block device or of a file that has the contents of one. */
import { closeSync, openSync, readSync } from 'node:fs';

export interface BlockReader {
  /** As many of `length` bytes from `offset` as there are. Throws the errno error, `ENOMEDIUM` of an empty drive. */
  read(offset: number, length: number): Buffer;
  close(): void;
}

/** Throws the errno error. */
export function openBlockReader(path: string): BlockReader {
  const fd = openSync(path, 'r');
  return {
    read(offset, length) {
      const bytes = Buffer.alloc(length);
      let done = 0;
      while (done < length) {
        const count = readSync(fd, bytes, done, length - done, offset + done);
        if (count === 0) break;
        done += count;
      }
      return bytes.subarray(0, done);
    },
    close: () => closeSync(fd),
  };
}
