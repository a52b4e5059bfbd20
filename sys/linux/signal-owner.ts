/**
 * Who gets the SIGIO of a descriptor (fcntl(2), F_SETOWN_EX): the main thread and not the process. A signal for the
 * process that the main thread has blocked, as around each fork, is taken by another one; while nobody handles it
 * yet, after an execve, that ends PID 1 in spite of the kernel's protection (kernel/signal.c, complete_signal).
 */
import { addressOf, check, libc } from './libc.ts';

/** include/uapi/asm-generic/fcntl.h: the same for x86-64 and arm64. */
const F_SETOWN_EX = 15;
const F_OWNER_TID = 0;

export function setSignalOwner(fd: number, owner: 'main thread' | 'nobody'): void {
  const value = Buffer.alloc(8); // struct f_owner_ex { type: i32, pid: i32 }
  value.writeInt32LE(F_OWNER_TID, 0);
  value.writeInt32LE(owner === 'nobody' ? 0 : process.pid, 4);
  check(libc('fcntl')(fd, F_SETOWN_EX, addressOf(value)), 'fcntl F_SETOWN_EX', String(fd));
}
