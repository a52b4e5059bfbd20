/**
 * The socket on which an OCI runtime hands over the master of a terminal: it connects, and sends one message
 * with the descriptor (unix(7), SCM_RIGHTS). libuv takes sockets that way, but no terminals.
 */
import { closeSync, rmSync } from 'node:fs';
import { SysError } from '../errno.ts';
import { check, libc } from './libc.ts';
import { receiveMessage } from './receive-message.ts';
import { encodeUnixAddress } from './unix-address.ts';

const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
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
  // The runtimes send the path of the slave along, which says nothing to us.
  const received = receiveMessage(connection);
  if (received === undefined) return undefined;
  connected.delete(consoleSocket);
  closeSync(connection);
  const [terminal, ...more] = received.descriptors;
  for (const fd of more) closeSync(fd);
  if (terminal === undefined) throw new SysError('recvmsg', 'ENOMSG', 'no terminal was sent');
  return terminal;
}

function accept(fd: number): number | undefined {
  const connection = libc('accept4')(fd, 0n, 0n, SOCK_NONBLOCK | SOCK_CLOEXEC);
  // EAGAIN: nobody has come so far.
  return connection < 0 ? undefined : connection;
}
