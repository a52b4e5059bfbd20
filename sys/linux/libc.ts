/**
 * glibc through node:ffi: signatures, and errno as `SysError`. The only importers of node:ffi are this
 * file and crash-guard.ts beside it. A wrong signature corrupts memory, so each names its man page; 64-bit arguments are
 * BigInt, a Buffer is passed as the pointer to its bytes.
 *
 * Symbols are bound on first use: binding all of them costs PID 1 about 100 ms on an emulated CPU, and
 * most boots need half.
 */
import {
  dlopen,
  getInt32,
  getRawPointer,
  type DynamicLibrary,
  type FunctionSignature,
} from 'node:ffi';
import { getSystemErrorName } from 'node:util';
import { SysError } from '../errno.ts';

/** The functions as TypeScript sees them; the parameter names are those of the man pages. */
export interface Libc {
  /** mount(2) */
  mount(source: string, target: string, type: string, flags: bigint, data: string): number;
  /** umount2(2) */
  umount2(target: string, flags: number): number;
  /** chroot(2) */
  chroot(path: string): number;
  /** sync(2) */
  sync(): void;
  /** reboot(2); glibc's wrapper adds the magic numbers */
  reboot(command: number): number;
  /** sethostname(2) */
  sethostname(name: string, length: bigint): number;
  /** mkfifo(3) */
  mkfifo(path: string, mode: number): number;
  /** waitid(2) */
  waitid(idType: number, id: number, siginfo: Buffer, options: number): number;
  /** kill(2) */
  kill(pid: number, signal: number): number;
  /** getpgid(2) */
  getpgid(pid: number): number;
  /** sigprocmask(2), of the calling thread */
  pthread_sigmask(how: number, set: Buffer, old: bigint): number;
  /** socket(2) */
  socket(domain: number, type: number, protocol: number): number;
  /** setns(2), of the calling thread */
  setns(fd: number, type: number): number;
  /** bind(2) */
  bind(fd: number, address: Buffer, length: number): number;
  /** listen(2) */
  listen(fd: number, backlog: number): number;
  /** accept4(2), without asking who it is */
  accept4(fd: number, address: bigint, length: bigint, flags: number): number;
  /** recvmsg(2) */
  recvmsg(fd: number, message: Buffer, flags: number): bigint;
  /** pipe2(2) */
  pipe2(fds: Buffer, flags: number): number;
  /** prctl(2) with one integer argument */
  prctl(option: number, argument: bigint): number;
  /** getsockname(2); the length goes in and comes out */
  getsockname(fd: number, address: Buffer, length: Buffer): number;
  /** send(2) */
  send(fd: number, buffer: Buffer, length: bigint, flags: number): bigint;
  /** recv(2) */
  recv(fd: number, buffer: Buffer, length: bigint, flags: number): bigint;
  /** close(2) */
  close(fd: number): number;
  /** fcntl(2) with an integer argument */
  fcntl(fd: number, command: number, argument: bigint): number;
  /** ioctl(2) with a pointer to its argument */
  ioctl(fd: number, request: bigint, argument: Buffer): number;
  /** clock_settime(2) */
  clock_settime(clock: number, timespec: Buffer): number;
  /** adjtimex(2) */
  adjtimex(timex: Buffer): number;
  /** poll(2) */
  poll(fds: Buffer, count: bigint, timeoutMs: number): number;
  /** prlimit(2) */
  prlimit(pid: number, resource: number, newLimit: Buffer, oldLimit: bigint): number;
  /** syscall(2), in the shape of finit_module(2) */
  syscall(number: bigint, fd: bigint, parameters: string, flags: bigint): bigint;
  /** mmap(2) */
  mmap(
    address: bigint,
    length: bigint,
    protection: number,
    flags: number,
    fd: number,
    offset: bigint,
  ): bigint;
  /** memfd_create(2) */
  memfd_create(name: string, flags: number): number;
  /** mprotect(2) */
  mprotect(address: bigint, length: bigint, protection: number): number;
  /** malloc_trim(3) */
  malloc_trim(pad: bigint): number;
  /** sigaltstack(2) */
  sigaltstack(stack: Buffer, old: bigint): number;
  /** sigaction(2) */
  sigaction(signal: number, action: Buffer, old: bigint): number;
}

/** The same functions as the calling convention sees them. */
const SIGNATURES: Readonly<Record<keyof Libc, FunctionSignature>> = {
  mount: { arguments: ['string', 'string', 'string', 'u64', 'string'], return: 'i32' },
  umount2: { arguments: ['string', 'i32'], return: 'i32' },
  chroot: { arguments: ['string'], return: 'i32' },
  sync: { arguments: [], return: 'void' },
  reboot: { arguments: ['i32'], return: 'i32' },
  sethostname: { arguments: ['string', 'u64'], return: 'i32' },
  mkfifo: { arguments: ['string', 'u32'], return: 'i32' },
  waitid: { arguments: ['i32', 'u32', 'buffer', 'i32'], return: 'i32' },
  kill: { arguments: ['i32', 'i32'], return: 'i32' },
  getpgid: { arguments: ['i32'], return: 'i32' },
  pthread_sigmask: { arguments: ['i32', 'buffer', 'pointer'], return: 'i32' },
  socket: { arguments: ['i32', 'i32', 'i32'], return: 'i32' },
  setns: { arguments: ['i32', 'i32'], return: 'i32' },
  bind: { arguments: ['i32', 'buffer', 'u32'], return: 'i32' },
  listen: { arguments: ['i32', 'i32'], return: 'i32' },
  accept4: { arguments: ['i32', 'pointer', 'pointer', 'i32'], return: 'i32' },
  recvmsg: { arguments: ['i32', 'buffer', 'i32'], return: 'i64' },
  pipe2: { arguments: ['buffer', 'i32'], return: 'i32' },
  prctl: { arguments: ['i32', 'u64'], return: 'i32' },
  getsockname: { arguments: ['i32', 'buffer', 'buffer'], return: 'i32' },
  send: { arguments: ['i32', 'buffer', 'u64', 'i32'], return: 'i64' },
  recv: { arguments: ['i32', 'buffer', 'u64', 'i32'], return: 'i64' },
  close: { arguments: ['i32'], return: 'i32' },
  fcntl: { arguments: ['i32', 'i32', 'i64'], return: 'i32' },
  ioctl: { arguments: ['i32', 'u64', 'buffer'], return: 'i32' },
  clock_settime: { arguments: ['i32', 'buffer'], return: 'i32' },
  adjtimex: { arguments: ['buffer'], return: 'i32' },
  poll: { arguments: ['buffer', 'u64', 'i32'], return: 'i32' },
  prlimit: { arguments: ['i32', 'i32', 'buffer', 'pointer'], return: 'i32' },
  syscall: { arguments: ['i64', 'i64', 'string', 'i64'], return: 'i64' },
  mmap: { arguments: ['u64', 'u64', 'i32', 'i32', 'i32', 'i64'], return: 'pointer' },
  memfd_create: { arguments: ['string', 'u32'], return: 'i32' },
  mprotect: { arguments: ['pointer', 'u64', 'i32'], return: 'i32' },
  malloc_trim: { arguments: ['u64'], return: 'i32' },
  sigaltstack: { arguments: ['buffer', 'pointer'], return: 'i32' },
  sigaction: { arguments: ['i32', 'buffer', 'pointer'], return: 'i32' },
};

let library: DynamicLibrary | undefined;
let errnoAddress = 0n;
const bound: Partial<Libc> = {};

/** The C function `name`, bound to the C library of this process. */
export function libc<K extends keyof Libc>(name: K): Libc[K] {
  const known = bound[name];
  if (known !== undefined) return known;
  if (library === undefined) {
    const opened = dlopen('libc.so.6', { __errno_location: { arguments: [], return: 'pointer' } });
    library = opened.lib;
    errnoAddress = opened.functions.__errno_location();
  }
  const fresh = library.getFunction(name, SIGNATURES[name]) as unknown as Libc[K];
  bound[name] = fresh;
  return fresh;
}

/** Where the bytes of `buffer` are, for a structure that points to them; whoever calls keeps it alive. */
export function addressOf(buffer: Buffer): bigint {
  return getRawPointer(buffer);
}

/**
 * Passes a call's result on, or throws what errno says when it is negative. Must wrap the call itself:
 * any other call between the two could change errno.
 */
export function check<T extends number | bigint>(result: T, syscall: string, target = ''): T {
  if (result >= 0) return result;
  throw new SysError(syscall, errnoName(), target);
}

/** The name of the current errno: `ENOENT`. Of the last call, as in `check`. */
export function errnoName(): string {
  return errnoNameOf(getInt32(errnoAddress));
}

/** The name of a positive errno number, as netlink answers carry it. */
export function errnoNameOf(errno: number): string {
  try {
    return getSystemErrorName(-errno);
  } catch {
    // Node names what libuv knows; rare ones keep their number.
    return `E${errno}`;
  }
}
