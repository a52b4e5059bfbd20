/**
 * Netlink messages as bytes (netlink(7), rtnetlink(7)). Pure: encodes requests, takes answers apart.
 *
 *   nlmsghdr: len u32 @0 · type u16 @4 · flags u16 @6 · seq u32 @8 · pid u32 @12, then the payload,
 *   everything little-endian here and padded to 4 bytes.
 */
const HEADER = 16;

const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const RTM_NEWLINK = 16;

const NLM_F_REQUEST = 0x1;
const NLM_F_ACK = 0x4;

const IFF_UP = 0x1;

/** The loopback's index is the same in every network namespace (LOOPBACK_IFINDEX, net/core/dev.c). */
export const LOOPBACK_INDEX = 1;

/** Request to set an interface up; the kernel gives `lo` its 127.0.0.1/8 and ::1 with it. */
export function encodeLinkUp(index: number): Uint8Array {
  const message = new DataView(new ArrayBuffer(HEADER + 16));
  message.setUint32(0, message.byteLength, true);
  message.setUint16(4, RTM_NEWLINK, true);
  message.setUint16(6, NLM_F_REQUEST | NLM_F_ACK, true);
  message.setUint32(8, 1, true);
  // ifinfomsg: family u8 · pad u8 · type u16 · index i32 · flags u32 · change mask u32
  message.setInt32(HEADER + 4, index, true);
  message.setUint32(HEADER + 8, IFF_UP, true);
  message.setUint32(HEADER + 12, IFF_UP, true);
  return new Uint8Array(message.buffer);
}

/** The messages of one datagram. A length that makes no sense ends the list. */
export function splitMessages(datagram: Uint8Array): Uint8Array[] {
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  const messages: Uint8Array[] = [];
  for (let at = 0; at + HEADER <= datagram.length;) {
    const length = view.getUint32(at, true);
    if (length < HEADER || at + length > datagram.length) break;
    messages.push(datagram.subarray(at, at + length));
    at += (length + 3) & ~3;
  }
  return messages;
}

/** The errno of an NLMSG_ERROR message (0 is the acknowledgement); `undefined` for other messages. */
export function netlinkError(message: Uint8Array): number | undefined {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  if (view.getUint16(4, true) !== NLMSG_ERROR || message.length < HEADER + 4) return undefined;
  return 0 - view.getInt32(HEADER, true);
}

/** Whether nothing follows in this answer: an acknowledgement, an error, or the end of a dump. */
export function isLastOfAnswer(message: Uint8Array): boolean {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const type = view.getUint16(4, true);
  return type === NLMSG_ERROR || type === NLMSG_DONE;
}
