/**
 * Unix datagram sockets that raise SIGIO. libuv cannot poll a datagram socket of this family, so the kernel
 * is asked to tell by a signal (fcntl(2), O_ASYNC), and reading never waits.
 *
 * After an execve the descriptor is found by its name among those that are open. Nothing has to be written
 * down for that, so nothing can be out of date, or missing because /run was full.
 */
import { chmodSync, closeSync, existsSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { SysError } from '../errno.ts';
import { type DatagramSocket, MAX_DATAGRAM_BYTES } from '../sys.ts';
import { check, libc } from './libc.ts';
import { setSignalOwner } from './signal-owner.ts';
import { encodeUnixAddress, UNIX_ADDRESS_SIZE } from './unix-address.ts';

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const MSG_PEEK = 0x02;
const MSG_DONTWAIT = 0x40;

/** fcntl(2), include/uapi/asm-generic/fcntl.h: the same for x86-64 and arm64. */
const F_SETFL = 4;
const O_NONBLOCK = 0o4000;
const O_ASYNC = 0o20000;

/** What this process has open, so that nobody is given another's socket. */
const inUse = new Set<number>();

/** One for all: a datagram is taken care of before the next is read. */
let buffer: Buffer | undefined;

export function openDatagramSocket(path: string, mode: number): DatagramSocket {
  // Only then can an earlier generation have it: on a cold boot there is nothing to look through.
  const inherited = existsSync(path) ? findSocket(path) : undefined;
  if (inherited !== undefined && inUse.has(inherited)) {
    throw new SysError('bind', 'EADDRINUSE', path);
  }
  const fd = inherited ?? bindSocket(path, mode);
  inUse.add(fd);
  let isOpen = true;
  return {
    fd,
    take(onDatagram) {
      const bytes = isOpen ? receive(fd, MSG_PEEK) : undefined;
      if (bytes === undefined) return false;
      try {
        onDatagram(bytes);
      } finally {
        // The listener may have closed it, and the number be another's by now.
        if (isOpen) receive(fd, 0);
      }
      return true;
    },
    close() {
      if (!isOpen) return;
      isOpen = false;
      inUse.delete(fd);
      closeSync(fd);
      rmSync(path, { force: true });
    },
  };
}

function bindSocket(path: string, mode: number): number {
  const address = encodeUnixAddress(path);
  // Not CLOEXEC: the next generation of PID 1 goes on with it. Runtimes close what they inherit.
  const fd = check(libc('socket')(AF_UNIX, SOCK_DGRAM, 0), 'socket', path);
  try {
    rmSync(path, { force: true });
    check(libc('bind')(fd, address, address.length), 'bind', path);
    chmodSync(path, mode);
    setSignalOwner(fd, 'main thread');
    check(libc('fcntl')(fd, F_SETFL, BigInt(O_NONBLOCK | O_ASYNC)), 'fcntl F_SETFL', path);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function receive(fd: number, flags: number): Uint8Array | undefined {
  buffer ??= Buffer.allocUnsafeSlow(MAX_DATAGRAM_BYTES);
  const length = libc('recv')(fd, buffer, BigInt(buffer.length), MSG_DONTWAIT | flags);
  // EAGAIN is the only failure that a bound socket of this kind has here; an empty datagram is none.
  return length >= 0n ? buffer.subarray(0, Number(length)) : undefined;
}

/** The open descriptor of the socket that was bound to `path`. */
function findSocket(path: string): number | undefined {
  return readdirSync('/proc/self/fd')
    .map(Number)
    .find((fd) => isSocket(fd) && boundTo(fd) === path);
}

function isSocket(fd: number): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:');
  } catch {
    // The descriptor that the directory itself was read through is closed again.
    return false;
  }
}

function boundTo(fd: number): string | undefined {
  const address = Buffer.alloc(UNIX_ADDRESS_SIZE);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(address.length);
  check(libc('getsockname')(fd, address, length), 'getsockname', String(fd));
  if (address.readUInt16LE(0) !== AF_UNIX) return undefined;
  const end = address.indexOf(0, 2);
  return address.toString('utf8', 2, end === -1 ? address.length : end);
}
