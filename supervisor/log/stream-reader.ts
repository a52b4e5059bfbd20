/**
 * Reads a FIFO as long as it is open, within the share of PID 1's time that logs may take. One buffer
 * serves all readers: what `onChunk` gets is overwritten as soon as it returns, so that a flood of
 * output makes no garbage and a hundred silent services cost no memory.
 */
import { Socket } from 'node:net';
import { readShare } from './read-share.ts';

const BUFFER = Buffer.allocUnsafeSlow(65_536);

export interface StreamListener {
  readonly onChunk: (chunk: Buffer) => void;
  readonly onError: (error: Error) => void;
}

/** Takes over `fd`, which must not block. Returns the function that ends reading and closes it. */
export function readStream(fd: number, { onChunk, onError }: StreamListener): () => void {
  const read = (length: number, buffer: Uint8Array): boolean => {
    const fromMs = performance.now();
    onChunk(Buffer.from(buffer.buffer, buffer.byteOffset, length));
    const pauseMs = readShare.spend(fromMs, performance.now());
    if (pauseMs > 0) setTimeout(() => socket.resume(), pauseMs);
    return pauseMs === 0;
  };
  const socket = new Socket({
    fd,
    readable: true,
    writable: false,
    onread: { buffer: BUFFER, callback: read },
  });
  socket.on('error', onError);
  return () => socket.destroy();
}
