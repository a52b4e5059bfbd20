/**
 * rtnetlink requests about network interfaces (rtnetlink(7), linux/if_link.h, linux/veth.h). Pure.
 *
 *   nlmsghdr (16) · ifinfomsg (16): family u8 · pad u8 · type u16 · index i32 · flags u32 · change u32
 *   rtattr: length u16 · type u16 · payload, padded to 4 bytes; the length counts the header, not the padding
 */
const RTM_NEWLINK = 16;
const RTM_SETLINK = 19;

const NLM_F_REQUEST = 0x1;
const NLM_F_ACK = 0x4;
const NLM_F_EXCL = 0x200;
const NLM_F_CREATE = 0x400;

const IFLA_IFNAME = 3;
const IFLA_LINKINFO = 18;
const IFLA_NET_NS_PID = 19;
const IFLA_INFO_KIND = 1;
const IFLA_INFO_DATA = 2;
const VETH_INFO_PEER = 1;

const HEADER = 16;
const IFINFOMSG = 16;

export interface NewLink {
  readonly name: string;
  /** `dummy`, `wireguard`, `veth`, … as the kernel's module is called. */
  readonly kind: string;
  /** The other end of a veth, in the namespace of the caller. */
  readonly peer?: string;
  /** A process in whose network namespace it is made; absent: the caller's. */
  readonly nsPid?: number;
}

/** Request to make an interface. `EEXIST` when there is one of that name, `EOPNOTSUPP` for an unknown kind. */
export function encodeLinkAdd({ name, kind, peer, nsPid }: NewLink): Uint8Array {
  const data = peer === undefined ? [] : [nested(IFLA_INFO_DATA, vethPeer(peer))];
  return request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, [
    attribute(IFLA_IFNAME, text(name)),
    ...(nsPid === undefined ? [] : [attribute(IFLA_NET_NS_PID, uint32(nsPid))]),
    nested(IFLA_LINKINFO, [attribute(IFLA_INFO_KIND, text(kind)), ...data]),
  ]);
}

/** Request to move an interface of the caller's namespace into that of a process. `ENODEV` without one. */
export function encodeLinkMove(name: string, nsPid: number): Uint8Array {
  return request(RTM_SETLINK, 0, [
    attribute(IFLA_IFNAME, text(name)),
    attribute(IFLA_NET_NS_PID, uint32(nsPid)),
  ]);
}

/** The peer is described by an ifinfomsg and attributes of its own. */
function vethPeer(name: string): readonly Uint8Array[] {
  const body = concat([new Uint8Array(IFINFOMSG), attribute(IFLA_IFNAME, text(name))]);
  return [attribute(VETH_INFO_PEER, body)];
}

function request(type: number, flags: number, attributes: readonly Uint8Array[]): Uint8Array {
  const message = concat([new Uint8Array(HEADER + IFINFOMSG), ...attributes]);
  const view = new DataView(message.buffer);
  view.setUint32(0, message.length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, NLM_F_REQUEST | NLM_F_ACK | flags, true);
  view.setUint32(8, 1, true);
  return message;
}

function nested(type: number, inner: readonly Uint8Array[]): Uint8Array {
  return attribute(type, concat(inner));
}

function attribute(type: number, payload: Uint8Array): Uint8Array {
  const length = 4 + payload.length;
  const bytes = new Uint8Array((length + 3) & ~3);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, length, true);
  view.setUint16(2, type, true);
  bytes.set(payload, 4);
  return bytes;
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(`${value}\0`);
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
