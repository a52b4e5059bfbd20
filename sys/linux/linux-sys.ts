/**
 * `Sys` on Linux. Thin: each method is one system call (rtnetlink: one exchange) and its errno; structure
 * layouts are those of x86-64 and arm64, which agree for everything used here.
 */
import { closeSync, openSync } from 'node:fs';
import type { Exit } from '../exit.ts';
import { SysError } from '../errno.ts';
import type { RebootCommand, Sys } from '../sys.ts';
import { isLastOfAnswer, netlinkError, splitMessages } from '../netlink/message.ts';
import { openConsoleSocket, takeTerminal } from './console-socket.ts';
import { openDatagramSocket } from './datagram-socket.ts';
import { haveInput, openFifo } from './fifo.ts';
import { keptMemory } from './kept-memory.ts';
import { receiveMessage } from './receive-message.ts';
import { check, errnoNameOf, libc } from './libc.ts';
import { openTcpSocket } from './namespaced-socket.ts';
import { POLLERR, POLLHUP, POLLIN, pollNow } from './poll.ts';

/** reboot(2), include/uapi/linux/reboot.h; as signed 32-bit. */
const REBOOT: Record<RebootCommand | 'cad-off', number> = {
  poweroff: 0x4321fedc,
  reboot: 0x01234567,
  halt: 0xcdef0123 | 0,
  'cad-off': 0,
};

const P_ALL = 0;
const P_PID = 1;
const WNOHANG = 1;
const WEXITED = 4;
const WNOWAIT = 0x0100_0000;
const CLD_EXITED = 1;
const CLD_DUMPED = 3;

const SIG_UNBLOCK = 1;
const CLOCK_REALTIME = 0;

/**
 * struct timex of every 64-bit kernel (include/uapi/linux/timex.h, struct __kernel_timex): modes u32 @0, then
 * from @8 four i64, status i32 @40, 208 bytes in all. With modes 0 it is only read.
 */
const TIMEX_SIZE = 208;
const TIMEX_STATUS = 40;
const STA_UNSYNC = 0x40;

/** _IOWR('W', 6, int): include/uapi/linux/watchdog.h */
const WDIOC_SETTIMEOUT = 0xc004_5706n;

/**
 * struct termios2 (include/uapi/asm-generic/termbits.h): four u32 of flags, c_line u8, c_cc u8[19], c_ispeed u32 @36,
 * c_ospeed u32 @40. An input speed of zero bits in c_cflag is the output's.
 */
const TERMIOS2_SIZE = 44;
const TERMIOS2_IFLAG = 0;
const TERMIOS2_CFLAG = 8;
const TERMIOS2_LFLAG = 12;
const TERMIOS2_OSPEED = 40;
/** _IOR('T', 0x2a, struct termios2) and _IOW('T', 0x2b, struct termios2) */
const TCGETS2 = 0x802c_542an;
const TCSETS2 = 0x402c_542bn;
const CBAUD = 0o010017;
const BOTHER = 0o010000;
const IBSHIFT = 16;
/** ICRNL, INLCR and IGNCR: what becomes of a carriage return. IXON: Ctrl-S. */
const INPUT_CHANGES = 0o400 | 0o100 | 0o200 | 0o2000;
/** ISIG, ICANON, ECHO, IEXTEN. */
const LINE_EDITING = 0o1 | 0o2 | 0o10 | 0o100000;

/** include/uapi/asm-generic/ioctls.h; include/uapi/linux/prctl.h */
const TIOCSWINSZ = 0x5414n;
const PR_SET_CHILD_SUBREAPER = 36;
const O_CLOEXEC = 0o2000000;

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
const NETLINK_ROUTE = 0;
const NETLINK_KOBJECT_UEVENT = 15;
const MSG_DONTWAIT = 0x40;

/** `finit_module` by architecture (arch/…/unistd): x86-64 has its own table, arm64 the generic one. */
const SYS_FINIT_MODULE = process.arch === 'arm64' ? 273n : 313n;

/** siginfo_t as waitid fills it: si_code at 8, si_pid at 16, si_status at 24 (sigaction(2)). */
const SIGINFO_SIZE = 128;

export function createLinuxSys(): Sys {
  const siginfo = Buffer.alloc(SIGINFO_SIZE);
  return {
    mount(source, target, fstype, flags, data) {
      check(libc('mount')(source, target, fstype, BigInt(flags), data), 'mount', target);
    },
    umount(target, flags) {
      check(libc('umount2')(target, flags), 'umount', target);
    },
    chroot(path) {
      check(libc('chroot')(path), 'chroot', path);
    },
    sync() {
      libc('sync')();
    },
    reboot(command) {
      check(libc('reboot')(REBOOT[command]), 'reboot', command);
    },
    disableCtrlAltDel() {
      check(libc('reboot')(REBOOT['cad-off']), 'reboot', 'CAD_OFF');
    },
    sethostname(name) {
      check(libc('sethostname')(name, BigInt(Buffer.byteLength(name))), 'sethostname', name);
    },
    setClock(epochMs) {
      const timespec = Buffer.alloc(16); // { tv_sec: i64, tv_nsec: i64 }
      timespec.writeBigInt64LE(BigInt(Math.floor(epochMs / 1000)), 0);
      timespec.writeBigInt64LE(BigInt(epochMs % 1000) * 1_000_000n, 8);
      check(libc('clock_settime')(CLOCK_REALTIME, timespec), 'clock_settime');
    },
    isClockSynchronized() {
      const timex = Buffer.alloc(TIMEX_SIZE);
      check(libc('adjtimex')(timex), 'adjtimex');
      return (timex.readInt32LE(TIMEX_STATUS) & STA_UNSYNC) === 0;
    },
    setLimit(resource, soft, hard) {
      const rlimit = Buffer.alloc(16); // { rlim_cur: u64, rlim_max: u64 }
      rlimit.writeBigUInt64LE(BigInt(soft), 0);
      rlimit.writeBigUInt64LE(BigInt(hard), 8);
      check(libc('prlimit')(0, RLIMIT[resource], rlimit, 0n), 'prlimit', resource);
    },
    mkfifo(path, mode) {
      check(libc('mkfifo')(path, mode), 'mkfifo', path);
    },
    openFifo,
    haveInput,
    keptMemory,
    loadModule(path, parameters) {
      const fd = openSync(path, 'r');
      try {
        check(libc('syscall')(SYS_FINIT_MODULE, BigInt(fd), parameters, 0n), 'finit_module', path);
      } finally {
        closeSync(fd);
      }
    },
    peekExited() {
      siginfo.fill(0, 0, 32);
      const flags = WEXITED | WNOHANG | WNOWAIT;
      // ECHILD is the only failure possible here and means what 0 means: nobody to collect.
      if (libc('waitid')(P_ALL, 0, siginfo, flags) !== 0) return undefined;
      const pid = siginfo.readInt32LE(16);
      return pid === 0 ? undefined : pid;
    },
    collectExited(pid) {
      siginfo.fill(0, 0, 32);
      check(libc('waitid')(P_PID, pid, siginfo, WEXITED | WNOHANG), 'waitid', String(pid));
      if (siginfo.readInt32LE(16) !== pid) throw new SysError('waitid', 'EAGAIN', String(pid));
      return decodeExit(siginfo.readInt32LE(8), siginfo.readInt32LE(24));
    },
    kill(pid, signal) {
      // 0 and negative pids address groups, -1 everything: never from here.
      if (pid <= 1) throw new SysError('kill', 'EINVAL', String(pid));
      check(libc('kill')(pid, signal), 'kill', String(pid));
    },
    killGroupOf(pid, signal) {
      // Of 0, 1 and -1 kill(2) would make our own group, nobody and everybody.
      const group = pid <= 1 ? 0 : check(libc('getpgid')(pid), 'getpgid', String(pid));
      if (group <= 1 || group === libc('getpgid')(0)) {
        throw new SysError('kill', 'EINVAL', `the group of ${pid}`);
      }
      check(libc('kill')(-group, signal), 'kill', `the group of ${pid}`);
    },
    unblockSignal(signal) {
      const set = Buffer.alloc(128); // sigset_t: bit n-1 is signal n
      set.writeBigUInt64LE(1n << BigInt(signal - 1), 0);
      check(libc('pthread_sigmask')(SIG_UNBLOCK, set, 0n), 'pthread_sigmask');
    },
    rtnetlink,
    openUevents,
    openDatagramSocket,
    receiveDescriptors: receiveMessage,
    openTcpSocket,
    trimHeap: () => void libc('malloc_trim')(0n),
    openConsoleSocket,
    takeTerminal,
    setWindowSize(terminal, { rows, columns }) {
      const size = Buffer.alloc(8); // struct winsize { ws_row: u16, ws_col: u16, two more in pixels }
      size.writeUInt16LE(rows, 0);
      size.writeUInt16LE(columns, 2);
      check(libc('ioctl')(terminal, TIOCSWINSZ, size), 'ioctl TIOCSWINSZ', String(terminal));
    },
    setLineSpeed(terminal, baud) {
      const termios = Buffer.alloc(TERMIOS2_SIZE);
      const path = String(terminal);
      check(libc('ioctl')(terminal, TCGETS2, termios), 'ioctl TCGETS2', path);
      const cflag = termios.readUInt32LE(TERMIOS2_CFLAG) & ~(CBAUD | (CBAUD << IBSHIFT));
      termios.writeUInt32LE((cflag | BOTHER) >>> 0, TERMIOS2_CFLAG);
      termios.writeUInt32LE(baud, TERMIOS2_OSPEED);
      check(libc('ioctl')(terminal, TCSETS2, termios), 'ioctl TCSETS2', path);
    },
    duplicate: (fd) => check(libc('fcntl')(fd, F_DUPFD_CLOEXEC, 0n), 'fcntl F_DUPFD', String(fd)),
    openPipe() {
      const fds = Buffer.alloc(8); // int[2]
      check(libc('pipe2')(fds, O_CLOEXEC), 'pipe2');
      return { read: fds.readInt32LE(0), write: fds.readInt32LE(4) };
    },
    adoptOrphans() {
      check(libc('prctl')(PR_SET_CHILD_SUBREAPER, 1n), 'prctl PR_SET_CHILD_SUBREAPER');
    },
    setKeyInput(terminal) {
      const termios = Buffer.alloc(TERMIOS2_SIZE);
      const path = String(terminal);
      check(libc('ioctl')(terminal, TCGETS2, termios), 'ioctl TCGETS2', path);
      for (const [at, cleared] of [
        [TERMIOS2_IFLAG, INPUT_CHANGES],
        [TERMIOS2_LFLAG, LINE_EDITING],
      ] as const) {
        termios.writeUInt32LE((termios.readUInt32LE(at) & ~cleared) >>> 0, at);
      }
      check(libc('ioctl')(terminal, TCSETS2, termios), 'ioctl TCSETS2', path);
    },
    isHungUp: (fd) => ((pollNow([fd], 0)[0] ?? 0) & POLLHUP) !== 0,
    hasInput: (fd) => ((pollNow([fd], POLLIN)[0] ?? 0) & (POLLIN | POLLERR | POLLHUP)) !== 0,
    setWatchdogTimeout(fd, seconds) {
      const timeout = Buffer.alloc(4); // int, in and out
      timeout.writeInt32LE(seconds);
      check(libc('ioctl')(fd, WDIOC_SETTIMEOUT, timeout), 'ioctl WDIOC_SETTIMEOUT', String(fd));
      return timeout.readInt32LE();
    },
  };
}

/** fcntl(2), include/uapi/linux/fcntl.h. */
const F_DUPFD_CLOEXEC = 1030;

/** getrlimit(2), include/uapi/asm-generic/resource.h. */
const RLIMIT = { core: 4, nproc: 6, nofile: 7 } as const;

function decodeExit(code: number, status: number): Exit {
  if (code === CLD_EXITED) return { kind: 'exited', code: status };
  return { kind: 'signaled', signal: status, core: code === CLD_DUMPED };
}

/**
 * rtnetlink has put the whole answer to a request on the socket when send returns (netlink(7)), so
 * nothing here waits: a recv that would block means that an answer was cut off, and is an error.
 */
function rtnetlink(request: Uint8Array): Uint8Array[] {
  const fd = openNetlink(NETLINK_ROUTE, 0);
  try {
    const message = Buffer.from(request);
    check(libc('send')(fd, message, BigInt(message.length), 0), 'send', 'rtnetlink');
    const answer: Uint8Array[] = [];
    const buffer = Buffer.alloc(32 * 1024);
    for (;;) {
      const received = libc('recv')(fd, buffer, BigInt(buffer.length), MSG_DONTWAIT);
      const length = Number(check(received, 'recv', 'rtnetlink'));
      for (const part of splitMessages(buffer.subarray(0, length))) {
        const errno = netlinkError(part);
        if (errno !== undefined && errno > 0) throw new SysError('rtnetlink', errnoNameOf(errno));
        if (isLastOfAnswer(part)) return answer;
        answer.push(Uint8Array.from(part));
      }
    }
  } finally {
    libc('close')(fd);
  }
}

/** The kernel's device events; group 1 is the kernel's own broadcast (lib/kobject_uevent.c). */
function openUevents(): { read(): string | undefined } {
  const fd = openNetlink(NETLINK_KOBJECT_UEVENT, 1);
  const buffer = Buffer.alloc(16 * 1024);
  return {
    read() {
      const length = libc('recv')(fd, buffer, BigInt(buffer.length), MSG_DONTWAIT);
      // EAGAIN: no event; ENOBUFS: events were lost, and the caller's next full scan finds them.
      return length > 0n ? buffer.toString('utf8', 0, Number(length)) : undefined;
    },
  };
}

function openNetlink(protocol: number, groups: number): number {
  const fd = check(libc('socket')(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol), 'socket');
  const address = Buffer.alloc(12); // sockaddr_nl { family: u16, pad: u16, pid: u32, groups: u32 }
  address.writeUInt16LE(AF_NETLINK, 0);
  address.writeUInt32LE(groups, 8);
  check(libc('bind')(fd, address, address.length), 'bind', 'netlink');
  return fd;
}
