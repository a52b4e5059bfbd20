/** The kernel's tables of sockets (/proc/net of proc(5)), reduced to those that others can reach. Pure. */
import { formatAddress } from '../../sys/ip-address.ts';
import type { ListeningSocket } from '../control/api-network.ts';

/** A socket and its number, which the links in /proc/PID/fd have too. */
export interface FoundSocket {
  readonly inode: number;
  readonly socket: ListeningSocket;
}

const LISTEN = '0A';
/** An open UDP socket: the kernel calls it closed (TCP_CLOSE) as long as it is connected to nobody. */
const UNCONNECTED = '07';

/**
 * One line of /proc/net/tcp, tcp6, udp or udp6. `other` for a socket that is none of these, and `undefined`
 * for what is no line of a socket.
 */
export function parseInetSocket(
  line: string,
  protocol: 'tcp' | 'udp',
): FoundSocket | 'other' | undefined {
  // sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode …
  const [slot, local = '', , state, , , , , , inode] = line.trim().split(/ +/);
  if (slot === undefined || !/^\d+:$/.test(slot)) return undefined;
  if (state !== (protocol === 'tcp' ? LISTEN : UNCONNECTED)) return 'other';
  const [address = '', port = ''] = local.split(':');
  const socket = {
    protocol,
    address: formatAddress(addressBytes(address)),
    port: Number.parseInt(port, 16),
  };
  return { inode: Number(inode), socket };
}

/** The address stands there as words of 32 bits, each as the processor (little-endian) reads it. */
function addressBytes(hex: string): Uint8Array {
  const words = hex.match(/.{8}/g) ?? [];
  return Uint8Array.from(words.flatMap((word) => [...Buffer.from(word, 'hex')].toReversed()));
}

const UNIX_TYPES: Readonly<Record<string, NonNullable<ListeningSocket['type']>>> = {
  '0001': 'stream',
  '0002': 'datagram',
  '0005': 'seqpacket',
};
/** __SO_ACCEPTCON (linux/net.h) */
const ACCEPTS = 0x1_0000;

/** One line of /proc/net/unix; `undefined` for a socket that nobody can reach. */
export function parseUnixSocket(line: string): FoundSocket | undefined {
  // Num RefCount Protocol Flags Type St Inode Path, and a path may hold spaces.
  const match = /^[0-9a-f]+: \S+ \S+ (\S+) (\S+) \S+ +(\d+) (.+)$/i.exec(line);
  if (match === null) return undefined;
  const [, flags = '', number = '', inode, path = ''] = match;
  const type = UNIX_TYPES[number];
  if (type === undefined) return undefined;
  const accepts = (Number.parseInt(flags, 16) & ACCEPTS) !== 0;
  if (!accepts && type !== 'datagram') return undefined;
  return { inode: Number(inode), socket: { protocol: 'unix', type, path } };
}
