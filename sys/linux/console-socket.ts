/**
 * The socket on which an OCI runtime hands over the master of a terminal: it connects, and sends one message
 * with the descriptor (unix(7), SCM_RIGHTS). libuv takes sockets that way, but no terminals.
 */
import { closeSync, rmSync } from 'node:fs';
import { SysError } from '../errno.ts';
import { addressOf, check, libc } from './libc.ts';
import { encodeUnixAddress } from './unix-address.ts';

const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
const MSG_CMSG_CLOEXEC = 0x4000_0000;

/** struct msghdr of every 64-bit Linux (recvmsg(2)): iovec @16, their number @24, control @32, its size @40. */
const MSGHDR_SIZE = 56;
/** struct cmsghdr { cmsg_len: u64, cmsg_level: i32, cmsg_type: i32 }, then descriptors. */
const CMSG_DATA = 16;
const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
/** The runtimes send the path of the slave along, which says nothing to us. */
const TEXT_SIZE = 4096;
/** A sender of more than one would be no runtime; what does not fit the kernel closes. */
const MOST_DESCRIPTORS = 8;

/** Connections that were accepted and have said nothing yet, by the socket that they came to. */
const connected = new Map<number, number>();

export function openConsoleSocket(path: string): number {
  const address = encodeUnixAddress(path);
  const type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
  const fd = check(libc('socket')(AF_UNIX, type, 0), 'socket', path);
  try {
    rmSync(path, { force: true });
    check(libc('bind')(fd, address, address.length), 'bind', path);
    check(libc('listen')(fd, 1), 'listen', path);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

export function takeTerminal(consoleSocket: number): number | undefined {
  const connection = connected.get(consoleSocket) ?? accept(consoleSocket);
  if (connection === undefined) return undefined;
  connected.set(consoleSocket, connection);
  const received = receive(connection);
  if (received === undefined) return undefined;
  connected.delete(consoleSocket);
  closeSync(connection);
  const [terminal, ...more] = received;
  for (const fd of more) closeSync(fd);
  if (terminal === undefined) throw new SysError('recvmsg', 'ENOMSG', 'no terminal was sent');
  return terminal;
}

function accept(fd: number): number | undefined {
  const connection = libc('accept4')(fd, 0n, 0n, SOCK_NONBLOCK | SOCK_CLOEXEC);
  // EAGAIN: nobody has come so far.
  return connection < 0 ? undefined : connection;
}

/** The descriptors of the one message; none when the connection ended without; `undefined` while it may come. */
function receive(connection: number): number[] | undefined {
  const text = Buffer.alloc(TEXT_SIZE);
  const control = Buffer.alloc(CMSG_DATA + 4 * MOST_DESCRIPTORS);
  const iovec = Buffer.alloc(16); // { iov_base: pointer, iov_len: u64 }
  iovec.writeBigUInt64LE(addressOf(text), 0);
  iovec.writeBigUInt64LE(BigInt(text.length), 8);
  const message = Buffer.alloc(MSGHDR_SIZE);
  message.writeBigUInt64LE(addressOf(iovec), 16);
  message.writeBigUInt64LE(1n, 24);
  message.writeBigUInt64LE(addressOf(control), 32);
  message.writeBigUInt64LE(BigInt(control.length), 40);
  const length = libc('recvmsg')(connection, message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (length < 0n) return undefined;
  if (message.readBigUInt64LE(40) < BigInt(CMSG_DATA)) return [];
  if (control.readInt32LE(8) !== SOL_SOCKET || control.readInt32LE(12) !== SCM_RIGHTS) return [];
  const count = (Number(control.readBigUInt64LE(0)) - CMSG_DATA) / 4;
  return Array.from({ length: count }, (_, index) => control.readInt32LE(CMSG_DATA + 4 * index));
}
