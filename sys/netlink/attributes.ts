/**
 * Requests for a whole table of rtnetlink, and the attributes of what comes back (rtnetlink(7)). Pure.
 *
 *   rtattr: len u16 @0 · type u16 @2, then the value; each padded to 4 bytes.
 */
const HEADER = 16;
const ATTRIBUTE_HEADER = 4;

const NLM_F_REQUEST = 0x1;
const NLM_F_DUMP = 0x300;

/** Flags of a type: nested, and in network byte order. */
const TYPE_MASK = 0x3fff;

/** Requests of a table. Each is answered by messages of the type after the next (`RTM_NEW…` comes first). */
export const RTM_GETLINK = 18;
export const RTM_GETADDR = 22;
export const RTM_GETROUTE = 26;

/** The longest header that a kernel checks the request for: rtmsg is 12 bytes, ifinfomsg 16. */
const BODY = 16;

/** Asks for all entries, of all address families. */
export function encodeDump(type: number): Uint8Array {
  const message = new DataView(new ArrayBuffer(HEADER + BODY));
  message.setUint32(0, message.byteLength, true);
  message.setUint16(4, type, true);
  message.setUint16(6, NLM_F_REQUEST | NLM_F_DUMP, true);
  message.setUint32(8, 1, true);
  return new Uint8Array(message.buffer);
}

/** The value of each attribute, by its type; what is cut off ends the list. */
export type Attributes = ReadonlyMap<number, Uint8Array>;

/** `at`: how far into `bytes` the attributes begin. */
export function parseAttributes(bytes: Uint8Array, at: number): Attributes {
  const view = viewOf(bytes);
  const attributes = new Map<number, Uint8Array>();
  for (let next = at; next + ATTRIBUTE_HEADER <= bytes.length;) {
    const length = view.getUint16(next, true);
    if (length < ATTRIBUTE_HEADER || next + length > bytes.length) break;
    const type = view.getUint16(next + 2, true) & TYPE_MASK;
    attributes.set(type, bytes.subarray(next + ATTRIBUTE_HEADER, next + length));
    next += (length + 3) & ~3;
  }
  return attributes;
}

/** A number of 4 bytes; `undefined` when there is none. */
export function uint32(value: Uint8Array | undefined): number | undefined {
  return value === undefined || value.length < 4 ? undefined : viewOf(value).getUint32(0, true);
}

/** A counter of 8 bytes at `index` of a list of them; 0 when the list is shorter. */
export function counter64(value: Uint8Array | undefined, index: number): number {
  if (value === undefined || value.length < 8 * (index + 1)) return 0;
  return Number(viewOf(value).getBigUint64(8 * index, true));
}

/** A name, up to its NUL. */
export function textOf(value: Uint8Array | undefined): string | undefined {
  if (value === undefined) return undefined;
  const end = value.indexOf(0);
  return new TextDecoder().decode(end === -1 ? value : value.subarray(0, end));
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
