/**
 * What runs over the connection of an exec once it was upgraded (docs/control-api.md, "Exec"): frames of a
 * type (1 byte), a length (3 bytes, big-endian) and that many bytes, both ways. Pure.
 *
 *   0 request   to the guest, once and first: JSON, `ExecRequest`
 *   1 stdin     to the guest; an empty one is the end of the input
 *   2 resize    to the guest: JSON, `WindowSize`
 *   3 stdout    to the client; of a terminal, all that it shows
 *   4 stderr    to the client
 *   5 end       to the client, once and last: JSON, `ExecEnd`
 *   6 taken     to the client: how many bytes of input the command has taken since the last one (4 bytes)
 *
 * Of input, `INPUT_WINDOW` bytes at most are under way: so everybody in between can read on at any time, and
 * hears at once when the client has gone.
 */
import { CLIENT_PREFACE } from '../bridge/preface-scanner.ts';

export const FRAME = {
  request: 0,
  stdin: 1,
  resize: 2,
  stdout: 3,
  stderr: 4,
  end: 5,
  taken: 6,
} as const;
export type FrameName = keyof typeof FRAME;

export interface Frame {
  readonly name: FrameName;
  /** Good until the next push. */
  readonly bytes: Uint8Array;
}

const HEADER_BYTES = 4;
/** Of one frame. A request is the only one that cannot be cut into several. */
export const MAX_FRAME_BYTES = 65_536;

/** What a client may have sent of the input without hearing that it was taken. */
export const INPUT_WINDOW = 262_144;

const NAMES: ReadonlyMap<number, FrameName> = new Map(
  Object.entries(FRAME).map(([name, type]) => [type, name as FrameName]),
);

/** The other side does not speak this. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/**
 * What carries `bytes`: several frames where they are too long for one, or where they contain what begins an
 * HTTP/2 conversation, which the bridge would take for another client's (preface-scanner.ts).
 */
export function encodeFrames(name: FrameName, bytes: Uint8Array): Buffer {
  const parts: Uint8Array[] = [];
  for (let at = 0, first = true; at < bytes.length || first; first = false) {
    const part = bytes.subarray(at, at + lengthOfNext(bytes, at));
    parts.push(header(name, part.length), part);
    at += part.length;
  }
  return Buffer.concat(parts);
}

export function encodeJson(name: FrameName, value: unknown): Buffer {
  const bytes = Buffer.from(JSON.stringify(value));
  return Buffer.concat([header(name, bytes.length), bytes]);
}

export function encodeTaken(count: number): Buffer {
  const bytes = header('taken', 4);
  return Buffer.concat([bytes, uint32(count)]);
}

export function decodeTaken(bytes: Uint8Array): number {
  return bytes.length === 4 ? Buffer.from(bytes).readUInt32BE(0) : 0;
}

/** Cuts what comes into frames. Throws `FrameError` for an unknown type or a frame that is too long. */
export function createFrameSplitter(): (chunk: Uint8Array) => Frame[] {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    let bytes = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    const frames: Frame[] = [];
    while (bytes.length >= HEADER_BYTES) {
      const name = NAMES.get(bytes[0] ?? 0);
      const end = HEADER_BYTES + bytes.readUIntBE(1, 3);
      if (name === undefined) throw new FrameError(`No frame has the type ${bytes[0]}`);
      if (end > HEADER_BYTES + MAX_FRAME_BYTES) {
        throw new FrameError(`A frame has at most ${MAX_FRAME_BYTES} bytes`);
      }
      if (bytes.length < end) break;
      frames.push({ name, bytes: bytes.subarray(HEADER_BYTES, end) });
      bytes = bytes.subarray(end);
    }
    rest = bytes;
    return frames;
  };
}

/** The value of a frame of JSON; `undefined` when it is none. */
export function decodeJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}

const PREFACE = Buffer.from(CLIENT_PREFACE);

function lengthOfNext(bytes: Uint8Array, from: number): number {
  const window = Buffer.from(bytes.buffer, bytes.byteOffset + from, bytes.length - from).subarray(
    0,
    MAX_FRAME_BYTES,
  );
  const at = window.indexOf(PREFACE);
  // Between its last two bytes comes a header, which has a zero: the preface has none.
  return at === -1 ? window.length : at + PREFACE.length - 1;
}

function header(name: FrameName, length: number): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.writeUInt8(FRAME[name], 0);
  bytes.writeUIntBE(length, 1, 3);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
