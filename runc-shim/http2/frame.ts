/** The frames of HTTP/2 (RFC 9113, 4 and 6). Pure. */
import { Http2Error } from './http2-error.ts';

export const FRAME = {
  data: 0,
  headers: 1,
  reset: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

/** Which frame has which is in RFC 9113, 6. */
export const FLAG = {
  ack: 0x1,
  endStream: 0x1,
  endHeaders: 0x4,
  padded: 0x8,
  priority: 0x20,
} as const;

export interface Frame {
  readonly type: number;
  readonly flags: number;
  /** 0: the connection itself. */
  readonly stream: number;
  readonly payload: Buffer;
}

const HEADER_BYTES = 9;
const PRIORITY_BYTES = 5;

/** The longest payload that either side takes without having said so. */
export const FRAME_BYTES = 16_384;

export function encodeFrame(
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array = new Uint8Array(),
): Buffer {
  const frame = Buffer.alloc(HEADER_BYTES + payload.length);
  frame.writeUIntBE(payload.length, 0, 3);
  frame.writeUInt8(type, 3);
  frame.writeUInt8(flags, 4);
  frame.writeUInt32BE(stream, 5);
  frame.set(payload, HEADER_BYTES);
  return frame;
}

/** Of a frame that is one number. */
export function encodeNumber(value: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(value);
  return payload;
}

/** Puts together what arrives in pieces. */
export class FrameReader {
  private rest: Buffer = Buffer.alloc(0);
  private hasBegun = false;

  /** The frames that `chunk` has completed, one after the other. Throws `Http2Error` `protocol`. */
  *push(chunk: Buffer): Generator<Frame, void, undefined> {
    this.rest = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    while (this.rest.length >= HEADER_BYTES) {
      const length = this.rest.readUIntBE(0, 3);
      const type = this.rest.readUInt8(3);
      if (length > FRAME_BYTES) throw new Http2Error('protocol', `a frame of ${length} bytes`);
      // Who does not speak HTTP/2 is known by its first bytes, and may never send as many as they promise.
      if (!this.hasBegun && type !== FRAME.settings) {
        throw new Http2Error('protocol', 'it begins with no settings');
      }
      this.hasBegun = true;
      if (this.rest.length < HEADER_BYTES + length) return;
      const frame = this.rest.subarray(0, HEADER_BYTES + length);
      this.rest = this.rest.subarray(HEADER_BYTES + length);
      yield {
        type,
        flags: frame.readUInt8(4),
        stream: frame.readUInt32BE(5) & 0x7f_ff_ff_ff,
        payload: frame.subarray(HEADER_BYTES),
      };
    }
  }
}

/** What a DATA or a HEADERS frame has beside padding and priorities. Throws `Http2Error` `protocol`. */
export function contentOf({ type, flags, payload }: Frame): Buffer {
  const isPadded = (flags & FLAG.padded) !== 0;
  const from =
    (isPadded ? 1 : 0) +
    (type === FRAME.headers && (flags & FLAG.priority) !== 0 ? PRIORITY_BYTES : 0);
  const to = payload.length - (isPadded ? (payload[0] ?? 0) : 0);
  if (from > to) throw new Http2Error('protocol', 'a frame of padding');
  return payload.subarray(from, to);
}

/** The numbers of a SETTINGS frame by their identifiers; of two the last counts. Throws `Http2Error` `protocol`. */
export function settingsOf({ payload }: Frame): ReadonlyMap<number, number> {
  if (payload.length % 6 !== 0) throw new Http2Error('protocol', 'broken settings');
  const settings = new Map<number, number>();
  for (let at = 0; at < payload.length; at += 6) {
    settings.set(payload.readUInt16BE(at), payload.readUInt32BE(at + 2));
  }
  return settings;
}

/** @param at where in the payload. Throws `Http2Error` `protocol` */
export function numberOf({ payload }: Frame, at = 0): number {
  if (payload.length < at + 4) throw new Http2Error('protocol', 'a frame that ends too early');
  return payload.readUInt32BE(at);
}
