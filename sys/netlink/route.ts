/** A route out of an RTM_NEWROUTE message (rtnetlink(7), linux/rtnetlink.h). Pure. */
import { formatAddress } from '../ip-address.ts';
import { type Attributes, parseAttributes, uint32, viewOf } from './attributes.ts';

export interface Route {
  readonly family: 'ipv4' | 'ipv6';
  /** `10.0.2.0/24`; `default` for everything. */
  readonly destination: string;
  readonly type: RouteType;
  readonly gateway?: string;
  /** The index of the interface that it leads out of. */
  readonly index?: number;
  /** The address that packets go out with. */
  readonly source?: string;
  readonly metric: number;
  readonly table: number;
  /** Who has made it: `kernel`, `boot`, `static`, `ra`, `dhcp`, or a number. */
  readonly protocol: string;
}

export type RouteType = 'unicast' | 'blackhole' | 'unreachable' | 'prohibit' | 'throw';

const RTM_NEWROUTE = 24;
const HEADER = 16;
/**
 * rtmsg: family u8 @0 · length of destination u8 @1 · of source u8 · tos u8 · table u8 @4 · protocol u8 @5 ·
 * scope u8 · type u8 @7 · flags u32 @8
 */
const RTMSG = 12;

const FAMILIES: Readonly<Record<number, Route['family']>> = { 2: 'ipv4', 10: 'ipv6' };

/** A copy that IPv6 keeps of a route in use. */
const RTM_F_CLONED = 0x200;

const RTA_DST = 1;
const RTA_OIF = 4;
const RTA_GATEWAY = 5;
const RTA_PRIORITY = 6;
const RTA_PREFSRC = 7;
const RTA_MULTIPATH = 9;
const RTA_TABLE = 15;
const RTA_VIA = 18;

const RTNEXTHOP = 8;

/** Those that decide where a packet goes; the machine's own addresses (local, broadcast, …) are no routes. */
const TYPES: Readonly<Record<number, RouteType>> = {
  1: 'unicast',
  6: 'blackhole',
  7: 'unreachable',
  8: 'prohibit',
  9: 'throw',
};

const PROTOCOLS: Readonly<Record<number, string>> = {
  2: 'kernel',
  3: 'boot',
  4: 'static',
  9: 'ra',
  16: 'dhcp',
};

/** `undefined` for other messages, and for what is no route to somewhere else. */
export function decodeRoute(message: Uint8Array): Route | undefined {
  if (message.length < HEADER + RTMSG) return undefined;
  const view = viewOf(message);
  if (view.getUint16(4, true) !== RTM_NEWROUTE) return undefined;
  const family = FAMILIES[view.getUint8(HEADER)];
  const type = TYPES[view.getUint8(HEADER + 7)];
  const flags = view.getUint32(HEADER + 8, true);
  if (family === undefined || type === undefined || (flags & RTM_F_CLONED) !== 0) return undefined;
  const attributes = parseAttributes(message, HEADER + RTMSG);
  const protocol = view.getUint8(HEADER + 5);
  const destination = attributes.get(RTA_DST);
  const source = attributes.get(RTA_PREFSRC);
  return {
    family,
    destination:
      destination === undefined
        ? 'default'
        : `${formatAddress(destination)}/${view.getUint8(HEADER + 1)}`,
    type,
    ...hop(attributes),
    ...(source === undefined ? {} : { source: formatAddress(source) }),
    metric: uint32(attributes.get(RTA_PRIORITY)) ?? 0,
    table: uint32(attributes.get(RTA_TABLE)) ?? view.getUint8(HEADER + 4),
    protocol: PROTOCOLS[protocol] ?? String(protocol),
  };
}

/** Of several ways the first; the weights of the others are more than a person asks for. */
function hop(attributes: Attributes): Pick<Route, 'gateway' | 'index'> {
  const several = attributes.get(RTA_MULTIPATH);
  if (several !== undefined && several.length >= RTNEXTHOP) {
    // rtnexthop: length u16 @0 · flags u8 · hops u8 · index i32 @4, then attributes
    const view = viewOf(several);
    const length = Math.min(view.getUint16(0, true), several.length);
    const first = parseAttributes(several.subarray(0, length), RTNEXTHOP);
    return { ...gatewayOf(first), index: view.getInt32(4, true) };
  }
  const index = uint32(attributes.get(RTA_OIF));
  return { ...gatewayOf(attributes), ...(index === undefined ? {} : { index }) };
}

function gatewayOf(attributes: Attributes): Pick<Route, 'gateway'> {
  // RTA_VIA: a gateway of the other family; family u16, then the address.
  const bytes = attributes.get(RTA_GATEWAY) ?? attributes.get(RTA_VIA)?.subarray(2);
  return bytes === undefined ? {} : { gateway: formatAddress(bytes) };
}
