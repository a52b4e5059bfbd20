/**
 * Node's HTTP parser goes through all of what one read has brought, also when the socket has been destroyed at the
 * second question of a thousand: 36 ms for 64 KiB of the shortest questions, in which PID 1 does nothing else. So
 * it is given a few KiB at a time.
 */
import type { Socket } from 'node:net';

/** A whole head of the largest size is two of these; an ordinary question is a part of one. */
const SLICE_BYTES = 4096;

/**
 * To be called when `node:http` has taken `socket`. From here on, its parser gets nothing more once the socket has been
 * destroyed or has no listener for its data: who takes over an upgraded connection removes them all.
 */
export function readInSlices(socket: Socket): void {
  const parsers = socket.listeners('data') as ((chunk: Buffer) => void)[];
  socket.removeAllListeners('data');
  socket.on('data', (chunk: Buffer) => {
    for (let at = 0; at < chunk.length && isHeard(socket); at += SLICE_BYTES) {
      for (const parse of parsers) parse(chunk.subarray(at, at + SLICE_BYTES));
    }
  });
}

function isHeard(socket: Socket): boolean {
  return !socket.destroyed && socket.listenerCount('data') > 0;
}
