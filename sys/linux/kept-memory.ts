/**
 * Memory that outlives an execve: memfd_create(2) without CLOEXEC, mapped. The next generation of PID 1 finds the
 * descriptor by its name. Not a file in /run: when that is full, touching a new page of it is a SIGBUS.
 */
import { toBuffer } from 'node:ffi';
import { fstatSync, ftruncateSync } from 'node:fs';
import { takeInherited } from './inherited.ts';
import { check, libc } from './libc.ts';

const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;

/** Zeroes at first. Pages that are not touched cost nothing. Throws `SysError`. */
export function keptMemory(name: string, bytes: number): Buffer {
  const fd =
    takeInherited(`/memfd:${name} (deleted)`) ??
    check(libc('memfd_create')(name, 0), 'memfd_create', name);
  if (fstatSync(fd).size !== bytes) ftruncateSync(fd, bytes);
  const address = libc('mmap')(0n, BigInt(bytes), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0n);
  // mmap fails with -1, which a pointer shows as all ones.
  check(address === 0xffff_ffff_ffff_ffffn ? -1 : 0, 'mmap', name);
  return toBuffer(address, bytes, false);
}
