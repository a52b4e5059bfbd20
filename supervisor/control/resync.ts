/**
 * Lets an HTTP/2 client start on a byte stream that may still hold the end of an earlier conversation:
 * a guest that was writing when its last client was killed delivers those bytes to the next one. What
 * precedes the server's first frame is thrown away; after that nothing is looked at.
 */
import { Duplex } from 'node:stream';

/**
 * Where the server's connection preface starts in `bytes`, or -1. It is a SETTINGS frame on stream 0
 * (RFC 9113 §3.4, §6.5): length (3 bytes, a multiple of 6, below 256 here), type 4, flags 0, stream 0.
 * JSON has no zero bytes, so stale bodies cannot look like it. Those of an exec can, by a chance that is small:
 * then the first request has no answer, and is repeated as when there is nobody.
 */
export function findServerPreface(bytes: Uint8Array): number {
  for (let at = 0; at + 9 <= bytes.length; at += 1) {
    if (bytes[at] !== 0 || bytes[at + 1] !== 0 || bytes[at + 3] !== 4) continue;
    if ((bytes[at + 2] ?? 0) % 6 !== 0) continue;
    if (bytes.subarray(at + 4, at + 9).every((byte) => byte === 0)) return at;
  }
  return -1;
}

/** `socket` without the bytes before the server's preface. Owns the socket. */
export function skipStaleBytes(socket: Duplex): Duplex {
  let unsynced: Buffer | undefined = Buffer.alloc(0);

  const filtered = new Duplex({
    read: () => {
      socket.resume();
    },
    write: (chunk: Buffer, _encoding, done) => {
      socket.write(chunk, done);
    },
    final: (done) => {
      socket.end();
      done();
    },
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });

  function deliver(bytes: Buffer): void {
    if (!filtered.push(bytes)) socket.pause();
  }

  socket.on('data', (chunk: Buffer) => {
    if (unsynced === undefined) return deliver(chunk);
    const seen = Buffer.concat([unsynced, chunk]);
    const at = findServerPreface(seen);
    if (at === -1) {
      unsynced = seen.subarray(Math.max(0, seen.length - 8));
      return undefined;
    }
    unsynced = undefined;
    return deliver(seen.subarray(at));
  });
  let ended = false;
  socket.once('end', () => {
    ended = true;
    filtered.push(null);
  });
  socket.once('error', (error) => filtered.destroy(error));
  socket.once('close', () => {
    // After an end there may still be bytes to read, and a destroyed stream would lose them.
    if (!ended) filtered.destroy();
  });
  return filtered;
}
