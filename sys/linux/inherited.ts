/** Descriptors without CLOEXEC that an earlier generation of PID 1 has left, by what /proc/self/fd calls them. */
import { readdirSync, readlinkSync } from 'node:fs';
import { libc } from './libc.ts';

/** fcntl(2), include/uapi/asm-generic/fcntl.h: the same for x86-64 and arm64. */
const F_GETFD = 1;
const FD_CLOEXEC = 1;

/** Those that nobody has taken yet. Looked for once: what is opened later is our own. */
let inherited: Map<string, number> | undefined;

export function takeInherited(name: string): number | undefined {
  inherited ??= findInherited();
  const fd = inherited.get(name);
  inherited.delete(name);
  return fd;
}

function findInherited(): Map<string, number> {
  const found = new Map<string, number>();
  for (const fd of readdirSync('/proc/self/fd').map(Number)) {
    const path = targetOf(fd);
    // What this process has opened by itself is CLOEXEC.
    if (path !== undefined && (libc('fcntl')(fd, F_GETFD, 0n) & FD_CLOEXEC) === 0)
      found.set(path, fd);
  }
  return found;
}

function targetOf(fd: number): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    // The descriptor that the directory itself was read through is closed again.
    return undefined;
  }
}
