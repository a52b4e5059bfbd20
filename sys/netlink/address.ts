/** An interface's address out of an RTM_NEWADDR message (rtnetlink(7), linux/if_addr.h). Pure. */
import { formatAddress } from '../ip-address.ts';
import { parseAttributes, viewOf } from './attributes.ts';

export interface InterfaceAddress {
  /** The interface's index. */
  readonly index: number;
  /** `192.0.2.1/24` */
  readonly cidr: string;
}

const RTM_NEWADDR = 20;
const HEADER = 16;
/** ifaddrmsg: family u8 · prefix length u8 @1 · flags u8 · scope u8 · index u32 @4 */
const IFADDRMSG = 8;

/** Of a point-to-point interface IFA_ADDRESS is the other side; IPv6 has often no IFA_LOCAL. */
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;

/** `undefined` for other messages. */
export function decodeAddress(message: Uint8Array): InterfaceAddress | undefined {
  if (message.length < HEADER + IFADDRMSG) return undefined;
  const view = viewOf(message);
  if (view.getUint16(4, true) !== RTM_NEWADDR) return undefined;
  const attributes = parseAttributes(message, HEADER + IFADDRMSG);
  const bytes = attributes.get(IFA_LOCAL) ?? attributes.get(IFA_ADDRESS);
  if (bytes === undefined) return undefined;
  return {
    index: view.getUint32(HEADER + 4, true),
    cidr: `${formatAddress(bytes)}/${view.getUint8(HEADER + 1)}`,
  };
}
