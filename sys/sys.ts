/**
 * The kernel boundary: every system call that Node has no API for goes through this interface.
 * `LinuxSys` (sys/linux) is the real one, `FakeSys` (test/support) records calls and fails on demand.
 * Calls are synchronous: none of them may be used for something that can wait.
 */
import type { Exit } from './exit.ts';

export interface Sys {
  /** mount(2). `flags` is a union of `MS_*` from mount-flags.ts. Throws `SysError`. */
  mount(source: string, target: string, fstype: string, flags: number, data: string): void;
  /** umount2(2). `flags`: 0 or `MNT_DETACH`. */
  umount(target: string, flags: number): void;
  /** chroot(2), of the whole process. */
  chroot(path: string): void;
  /** sync(2): returns when all dirty pages have been handed to the devices. */
  sync(): void;
  /** reboot(2). Returns only when the kernel refuses. */
  reboot(command: RebootCommand): void;
  /** Makes ctrl-alt-del send SIGINT to PID 1 instead of resetting the machine (reboot(2), CAD_OFF). */
  disableCtrlAltDel(): void;
  /** sethostname(2). */
  sethostname(name: string): void;
  /** clock_settime(2) of CLOCK_REALTIME; whole milliseconds since the epoch. */
  setClock(epochMs: number): void;
  /** adjtimex(2): whether something keeps the clock right, which is what STA_UNSYNC denies. */
  isClockSynchronized(): boolean;
  /** prlimit(2) of the calling process; children inherit it. */
  setLimit(resource: 'core' | 'nofile' | 'nproc', soft: number, hard: number): void;
  /** mkfifo(3). */
  mkfifo(path: string, mode: number): void;
  /**
   * Opens a FIFO to read what programs that nobody answers for write to it, for writing too, so that it never
   * ends. To be called before any of them has it. The descriptor outlives an execve, and the next generation is
   * given the same one for the same path. Throws what open(2) does.
   */
  openFifo(path: string): Fifo;
  /**
   * Memory that the next generation is given again as it was, by its name; all zeroes the first time
   * (memfd_create(2)).
   */
  keptMemory(name: string, bytes: number): Buffer;
  /** Those of them that have input at this moment (poll(2)). */
  haveInput(fifos: readonly Fifo[]): readonly Fifo[];
  /** finit_module(2) on an uncompressed module file. `EEXIST` means it is loaded already. */
  loadModule(path: string, parameters: string): void;
  /**
   * The first child that has ended and was not collected, without collecting it
   * (waitid(2) with WNOWAIT). `undefined` when there is none.
   */
  peekExited(): number | undefined;
  /** Collects the ended child `pid`. Only the reaper calls this, see init/reaper.ts. */
  collectExited(pid: number): Exit;
  /** kill(2) with the signal's number; `pid` must be above 1. */
  kill(pid: number, signal: number): void;
  /**
   * The same for all processes of the group that `pid` is in (getpgid(2)); `EINVAL` for the caller's own
   * group.
   */
  killGroupOf(pid: number, signal: number): void;
  /** Lets a signal through that something before us has blocked (sigprocmask(2)). */
  unblockSignal(signal: number): void;
  /** Sends one rtnetlink request and returns the messages of the answer, without the closing one. */
  rtnetlink(request: Uint8Array): Uint8Array[];
  /**
   * Subscribes to the kernel's uevents. `read` returns the next one as the kernel wrote it
   * (`add@/devices/…`, then `KEY=value` words, NUL-separated) or `undefined`; it never waits.
   */
  openUevents(): { read(): string | undefined };
  /**
   * A unix datagram socket bound to `path` (at most 107 bytes) with the permissions `mode`. Its
   * datagrams raise SIGIO, see supervisor/watch-datagrams.ts. The descriptor outlives an execve, and the
   * next generation is given the same socket for the same path, with what waits in it: containers have
   * that socket mounted, and one bound anew would be another. `EADDRINUSE` when this process has it open.
   */
  openDatagramSocket(path: string, mode: number): DatagramSocket;
  /**
   * The next datagram of such a socket, with the descriptors that were sent along, which are the caller's to
   * close; `undefined` while there is none. Never waits.
   */
  receiveDescriptors(
    socket: number,
  ): { readonly bytes: Uint8Array; readonly descriptors: readonly number[] } | undefined;
  /**
   * An unconnected TCP socket that belongs to another network namespace, such as `/proc/71/ns/net`, and
   * does not block (setns(2) around socket(2)). The caller closes it.
   */
  openTcpSocket(netNamespace: string, family: 4 | 6): number;
  /** Gives freed memory of the C library's heap back to the kernel, malloc_trim(3). */
  trimHeap(): void;
  /**
   * A listening unix socket at `path` (at most 107 bytes), to which an OCI runtime sends the master of a
   * terminal that it has made (`--console-socket`). The caller closes it.
   */
  openConsoleSocket(path: string): number;
  /** The master that was sent to such a socket, if it is there; the caller closes it. Never waits. */
  takeTerminal(consoleSocket: number): number | undefined;
  /** ioctl(2) TIOCSWINSZ: the size of a terminal's window; its foreground processes get SIGWINCH. */
  setWindowSize(terminal: number, size: WindowSize): void;
  /**
   * The speed of a serial line, both ways (ioctl_tty(2) TCGETS2 and TCSETS2 with BOTHER): any number of bits per
   * second that its driver can do. `ENOTTY` for what is no terminal.
   */
  setLineSpeed(terminal: number, baud: number): void;
  /**
   * Every key of a terminal is input as it is, at once and without an echo (ioctl_tty(2) TCSETS2 without ICANON,
   * ECHO, ISIG, ICRNL and their like). What it prints stays as it was. `ENOTTY` for what is no terminal.
   */
  setKeyInput(terminal: number): void;
  /** Another descriptor of the same open file, which no child inherits (fcntl(2), F_DUPFD_CLOEXEC). */
  duplicate(fd: number): number;
  /** pipe2(2); no child inherits either end unless it is given it. */
  openPipe(): { readonly read: number; readonly write: number };
  /** prctl(2) PR_SET_CHILD_SUBREAPER: orphans below the calling process become its children. */
  adoptOrphans(): void;
  /** Whether poll(2) reports POLLHUP on a descriptor at this moment. */
  isHungUp(fd: number): boolean;
  /** Whether a read(2) of a descriptor would return at this moment, be it with an error (poll(2), POLLIN). */
  hasInput(fd: number): boolean;
  /** ioctl(2) WDIOC_SETTIMEOUT on an open watchdog. Returns the seconds that the device really took. */
  setWatchdogTimeout(fd: number, seconds: number): number;
}

/** For the one call here that may wait, `read`, there are threads; the others do not. */
export interface Fifo {
  readonly fd: number;
  /**
   * read(2) on a thread of libuv's pool, for `done` to be called later. `EAGAIN` when there is nothing; but whoever writes may keep it from
   * returning at all. One at a time.
   */
  read(buffer: Uint8Array, done: (error: Error | undefined, length: number) => void): void;
  /** Whether input that comes from now on raises SIGIO, once or more. Input that is there already does not. */
  signalInput(isWanted: boolean): void;
  /** Not while it is being read. Returns before it is done. */
  close(): void;
}

export interface DatagramSocket {
  readonly fd: number;
  /**
   * Hands out the next datagram, cut off above `MAX_DATAGRAM_BYTES`, and takes it away when `onDatagram` has
   * returned or thrown: a process that dies before that leaves it to its next generation. The bytes are good
   * until then. Descriptors that were sent along are closed. Returns whether there was one; never waits.
   */
  take(onDatagram: (bytes: Uint8Array) => void): boolean;
  /** Closes it and removes the path. */
  close(): void;
}

export interface WindowSize {
  readonly rows: number;
  readonly columns: number;
}

/** Above what sd_notify(3) and syslog(3) send. */
export const MAX_DATAGRAM_BYTES = 16_384;

export type RebootCommand = 'poweroff' | 'reboot' | 'halt';
