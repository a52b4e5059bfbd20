/** Bytes of a stream, as many at a time as are wanted. */

export interface ByteSource {
  /** Hands on so many bytes in pieces. Rejects with `CutShortError` when there are fewer. */
  take(bytes: number, use: (piece: Uint8Array) => Promise<void>): Promise<void>;
}

export class CutShortError extends Error {
  override readonly name = 'CutShortError';
}

export function byteSource(stream: AsyncIterable<Uint8Array>): ByteSource {
  const chunks = stream[Symbol.asyncIterator]();
  let held: Uint8Array = Buffer.of();
  return {
    async take(bytes, use) {
      let left = bytes;
      while (left > 0) {
        if (held.length === 0) {
          const next = await chunks.next();
          if (next.done === true) {
            throw new CutShortError(`the image ended ${left} bytes before it was to`);
          }
          held = next.value;
        }
        const piece = held.subarray(0, left);
        held = held.subarray(piece.length);
        left -= piece.length;
        await use(piece);
      }
    },
  };
}
