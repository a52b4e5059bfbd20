/**
 * One conversation on the port, as the stream that HTTP/2 wants. The port outlives its conversations, so
 * destroying this stream ends the conversation and leaves the port alone.
 */
import { Duplex } from 'node:stream';
import type { BytePort } from './byte-port.ts';

/** Small enough that little of an ended conversation is left over for the next one. */
const PIECE_BYTES = 16 * 1024;

export interface PortConversation {
  readonly stream: Duplex;
  /** Hands over bytes from the host; resolves when there is room for more or the conversation ended. */
  deliver(bytes: Uint8Array): Promise<void>;
}

/** Writes of all conversations, one after another; a piece the driver has taken cannot be called back. */
export type WriteInTurn = (piece: Uint8Array) => Promise<void>;

/** The one queue of writes to the port. A failed write fails its own caller only. */
export function writesInTurn(port: BytePort): WriteInTurn {
  let last: Promise<void> = Promise.resolve();
  return (piece) => {
    const turn = last.then(() => port.write(piece));
    last = turn.catch(() => {});
    return turn;
  };
}

export function createPortConversation(writeInTurn: WriteInTurn): PortConversation {
  let wanted = (): void => {};

  async function writeAll(chunk: Buffer, done: (error?: Error) => void): Promise<void> {
    try {
      for (let at = 0; at < chunk.length && !stream.destroyed; at += PIECE_BYTES) {
        await writeInTurn(chunk.subarray(at, at + PIECE_BYTES));
      }
      done();
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  }

  const stream = new Duplex({
    read: () => wanted(),
    write: (chunk: Buffer, _encoding, done) => {
      void writeAll(chunk, done);
    },
    destroy: (error, done) => {
      wanted();
      done(error);
    },
  });

  return {
    stream,
    deliver: (bytes) =>
      new Promise((resolve) => {
        wanted = resolve;
        // A destroyed stream never asks for more, and what comes for it is nobody's.
        if (stream.destroyed || bytes.length === 0 || stream.push(Buffer.from(bytes))) resolve();
      }),
  };
}
