/**
 * How messages lie in the body of a gRPC call: a byte that says whether it is compressed, four with the length,
 * the message (grpc/grpc, doc/PROTOCOL-HTTP2.md). Pure.
 */

const HEADER_BYTES = 5;

/** What containerd itself sends at most (its default `max_send_message_size` is 16 MiB). */
export const MAX_MESSAGE_BYTES: number = 16 * 1024 * 1024;

export class FrameError extends Error {
  override readonly name = 'FrameError';
  readonly code: 'compressed' | 'too-long' | 'truncated';

  constructor(code: FrameError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

export function encodeFrame(message: Uint8Array): Uint8Array {
  const frame = Buffer.alloc(HEADER_BYTES + message.length);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, HEADER_BYTES);
  return frame;
}

/** Puts together what arrives in pieces. */
export class FrameSplitter {
  private rest = Buffer.alloc(0);

  /** The messages that `chunk` has completed. Throws `FrameError`. */
  push(chunk: Uint8Array): readonly Uint8Array[] {
    this.rest = this.rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.rest, chunk]);
    const messages: Uint8Array[] = [];
    while (this.rest.length >= HEADER_BYTES) {
      const length = this.rest.readUInt32BE(1);
      if (this.rest[0] !== 0) throw new FrameError('compressed', 'a compressed message');
      if (length > MAX_MESSAGE_BYTES) {
        throw new FrameError('too-long', `a message of ${length} bytes`);
      }
      if (this.rest.length < HEADER_BYTES + length) break;
      messages.push(this.rest.subarray(HEADER_BYTES, HEADER_BYTES + length));
      this.rest = this.rest.subarray(HEADER_BYTES + length);
    }
    return messages;
  }

  /** Throws `FrameError` when the stream ends within a message. */
  end(): void {
    if (this.rest.length > 0) throw new FrameError('truncated', 'it ends within a message');
  }
}
