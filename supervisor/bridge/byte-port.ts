/**
 * The character device of a virtio-serial port as reads and writes in the thread pool (libuv cannot poll
 * such a device through any public API). What the Linux driver does, and this relies on:
 * a read returns 0 while no host is connected and when it leaves, else it waits for bytes; a write waits
 * while no host is connected or the host does not read; the port can be open once only.
 */
import { close, open, read, write, constants } from 'node:fs';
import { promisify } from 'node:util';

export interface BytePort {
  /** At least one byte, or 0 when no host is connected. The bytes are valid until the next read. */
  read(): Promise<Uint8Array>;
  /** Resolves when the driver has taken all of it. */
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** What one read or write moves at most; the driver's own limit for a write is 32 KiB. */
const PIECE_BYTES = 16 * 1024;

const openFile = promisify(open);
const closeFile = promisify(close);
const readFile = promisify(read);
const writeFile = promisify(write);

/** Rejects with the errno error, `EBUSY` when another process has the port open. */
export async function openPort(device: string): Promise<BytePort> {
  return wrapPort(await openFile(device, constants.O_RDWR | constants.O_NOCTTY));
}

/** The same for a port that is open already. */
export function wrapPort(fd: number): BytePort {
  const buffer = Buffer.allocUnsafe(PIECE_BYTES);
  return {
    async read() {
      const { bytesRead } = await readFile(fd, buffer, 0, buffer.length, null);
      return buffer.subarray(0, bytesRead);
    },
    async write(bytes) {
      for (let at = 0; at < bytes.length;) {
        const length = Math.min(PIECE_BYTES, bytes.length - at);
        at += (await writeFile(fd, bytes, at, length, null)).bytesWritten;
      }
    },
    close: () => closeFile(fd),
  };
}
