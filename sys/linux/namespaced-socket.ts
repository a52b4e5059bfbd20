/**
 * Sockets of other network namespaces. A socket stays in the namespace that it was made in, so the thread
 * has to be there for one system call only. That thread runs all our JavaScript, and nothing else of it can
 * run in between.
 */
import { closeSync, openSync } from 'node:fs';
import { check, libc } from './libc.ts';

const CLONE_NEWNET = 0x4000_0000;
const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;

export function openTcpSocket(netNamespace: string, family: 4 | 6): number {
  const home = openSync('/proc/thread-self/ns/net', 'r');
  try {
    const away = openSync(netNamespace, 'r');
    try {
      check(libc('setns')(away, CLONE_NEWNET), 'setns', netNamespace);
    } finally {
      closeSync(away);
    }
    return openAndReturn(home, family);
  } finally {
    closeSync(home);
  }
}

/** Nothing that could throw may come before the way back. */
function openAndReturn(home: number, family: 4 | 6): number {
  const domain = family === 6 ? AF_INET6 : AF_INET;
  let fd = -1;
  try {
    const type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
    fd = check(libc('socket')(domain, type, 0), 'socket');
    return fd;
  } finally {
    comeHome(home, fd);
  }
}

/** The kernel refuses this only when it has no memory left for a moment. */
function comeHome(home: number, fd: number): void {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    if (libc('setns')(home, CLONE_NEWNET) === 0) return;
  }
  try {
    check(libc('setns')(home, CLONE_NEWNET), 'setns', 'back');
  } catch (error) {
    if (fd >= 0) closeSync(fd);
    throw error;
  }
}
