/** A network interface out of an RTM_NEWLINK message (rtnetlink(7), linux/if_link.h). Pure. */
import {
  type Attributes,
  counter64,
  parseAttributes,
  textOf,
  uint32,
  viewOf,
} from './attributes.ts';

export interface Link {
  readonly index: number;
  readonly name: string;
  /** `02:00:00:00:00:01`; empty for interfaces without one. */
  readonly mac: string;
  /** IFF_UP: somebody has switched it on. */
  readonly enabled: boolean;
  /** IFF_LOWER_UP: a cable is in and the other side answers. */
  readonly carrier: boolean;
  /** As the kernel sees it: `up`, `down`, `unknown` (loopback), … */
  readonly operState: string;
  readonly mtu: number;
  /** `veth`, `bridge`, `vlan`, …; absent for hardware. */
  readonly kind?: string;
  /** The index of the bridge or bond that it belongs to. */
  readonly master?: number;
  readonly received: LinkCounters;
  readonly sent: LinkCounters;
}

export interface LinkCounters {
  readonly packets: number;
  readonly bytes: number;
  readonly errors: number;
  readonly dropped: number;
}

const RTM_NEWLINK = 16;
const HEADER = 16;
/** ifinfomsg: family u8 · pad u8 · type u16 @2 · index i32 @4 · flags u32 @8 · change mask u32 @12 */
const IFINFOMSG = 16;

const IFF_UP = 0x1;
const IFF_LOWER_UP = 0x1_0000;

const IFLA_ADDRESS = 1;
const IFLA_IFNAME = 3;
const IFLA_MTU = 4;
const IFLA_MASTER = 10;
const IFLA_OPERSTATE = 16;
const IFLA_LINKINFO = 18;
const IFLA_INFO_KIND = 1;
const IFLA_STATS64 = 23;

/** By number, RFC 2863 (linux/if.h). */
const OPER_STATES: readonly string[] = [
  'unknown',
  'not-present',
  'down',
  'lower-layer-down',
  'testing',
  'dormant',
  'up',
];

/** `undefined` for other messages. */
export function decodeLink(message: Uint8Array): Link | undefined {
  if (message.length < HEADER + IFINFOMSG) return undefined;
  const view = viewOf(message);
  if (view.getUint16(4, true) !== RTM_NEWLINK) return undefined;
  const attributes = parseAttributes(message, HEADER + IFINFOMSG);
  const flags = view.getUint32(HEADER + 8, true);
  const mac = attributes.get(IFLA_ADDRESS) ?? new Uint8Array();
  const kind = kindOf(attributes);
  const master = uint32(attributes.get(IFLA_MASTER));
  return {
    index: view.getInt32(HEADER + 4, true),
    name: textOf(attributes.get(IFLA_IFNAME)) ?? '',
    mac: Array.from(mac, (byte) => byte.toString(16).padStart(2, '0')).join(':'),
    enabled: (flags & IFF_UP) !== 0,
    carrier: (flags & IFF_LOWER_UP) !== 0,
    operState: OPER_STATES[attributes.get(IFLA_OPERSTATE)?.[0] ?? 0] ?? 'unknown',
    mtu: uint32(attributes.get(IFLA_MTU)) ?? 0,
    ...(kind === undefined ? {} : { kind }),
    ...(master === undefined ? {} : { master }),
    received: counters(attributes, 0),
    sent: counters(attributes, 1),
  };
}

function kindOf(attributes: Attributes): string | undefined {
  const info = attributes.get(IFLA_LINKINFO);
  return info === undefined ? undefined : textOf(parseAttributes(info, 0).get(IFLA_INFO_KIND));
}

/** rtnl_link_stats64: packets, bytes, errors, dropped, each received and then sent. */
function counters(attributes: Attributes, direction: 0 | 1): LinkCounters {
  const at = (index: number): number =>
    counter64(attributes.get(IFLA_STATS64), 2 * index + direction);
  return { packets: at(0), bytes: at(1), errors: at(2), dropped: at(3) };
}
