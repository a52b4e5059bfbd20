/**
 * `Sys` for unit tests: records every call, does nothing, fails on demand. What the real calls return
 * comes from the public fields, which a test fills in.
 */
import { SysError } from '../../sys/errno.ts';
import type { Exit } from '../../sys/exit.ts';
import type { DatagramSocket, Fifo, RebootCommand, Sys, WindowSize } from '../../sys/sys.ts';

export type SysName = keyof Sys;

/** One recorded call: `{ name: 'umount', args: ['/run', 2] }`, typed by its name. */
export type SysCall = {
  [Name in SysName]: { readonly name: Name; readonly args: Parameters<Sys[Name]> };
}[SysName];

interface PlannedFailure {
  readonly name: SysName;
  readonly code: string;
  /** How many calls of `name` still succeed before this one fails. */
  remaining: number;
}

export class FakeSys implements Sys {
  /** In the order they were made, failed ones included. */
  readonly calls: SysCall[] = [];
  /** Ended children that nobody has collected: `peekExited` looks at the first. */
  readonly exited: { readonly pid: number; readonly exit: Exit }[] = [];
  /** Answers to the coming `rtnetlink` calls, one list each; with none left the answer is empty. */
  readonly rtnetlinkAnswers: Uint8Array[][] = [];
  /** Uevents that `openUevents().read()` hands out, first to last. */
  readonly uevents: string[] = [];
  /** What waits in the datagram sockets, by path: `read` hands it out, first to last. */
  readonly datagrams: Map<string, Uint8Array[]> = new Map<string, Uint8Array[]>();

  /** What `isClockSynchronized` says. */
  clockSynchronized = false;
  /** What `isHungUp` says. */
  hungUp = false;
  /** What `hasInput` says. */
  input = false;
  /** What `setWatchdogTimeout` makes of what it is asked for. */
  watchdogSeconds = (asked: number): number => asked;

  private readonly failures: PlannedFailure[] = [];

  /** Makes the `nth` coming call of `name` (1: the next) throw a SysError with this errno. */
  failNext(name: SysName, code: string, nth = 1): void {
    this.failures.push({ name, code, remaining: nth - 1 });
  }

  /** The recorded arguments of every call of `name`. */
  argsOf<Name extends SysName>(name: Name): Parameters<Sys[Name]>[] {
    return this.calls.flatMap((call) =>
      call.name === name ? [call.args as Parameters<Sys[Name]>] : [],
    );
  }

  mount(source: string, target: string, fstype: string, flags: number, data: string): void {
    this.record({ name: 'mount', args: [source, target, fstype, flags, data] }, target);
  }

  umount(target: string, flags: number): void {
    this.record({ name: 'umount', args: [target, flags] }, target);
  }

  chroot(path: string): void {
    this.record({ name: 'chroot', args: [path] }, path);
  }

  sync(): void {
    this.record({ name: 'sync', args: [] });
  }

  reboot(command: RebootCommand): void {
    this.record({ name: 'reboot', args: [command] });
  }

  disableCtrlAltDel(): void {
    this.record({ name: 'disableCtrlAltDel', args: [] });
  }

  sethostname(name: string): void {
    this.record({ name: 'sethostname', args: [name] }, name);
  }

  setClock(epochMs: number): void {
    this.record({ name: 'setClock', args: [epochMs] });
  }

  isClockSynchronized(): boolean {
    this.record({ name: 'isClockSynchronized', args: [] });
    return this.clockSynchronized;
  }

  setLimit(resource: 'core' | 'nofile' | 'nproc', soft: number, hard: number): void {
    this.record({ name: 'setLimit', args: [resource, soft, hard] }, resource);
  }

  mkfifo(path: string, mode: number): void {
    this.record({ name: 'mkfifo', args: [path, mode] }, path);
  }

  /** One that nothing ever comes from: the real one is for integration tests. */
  openFifo(path: string): Fifo {
    this.record({ name: 'openFifo', args: [path] }, path);
    return { fd: -1, read: () => undefined, signalInput: () => undefined, close: () => undefined };
  }

  keptMemory(name: string, bytes: number): Buffer {
    this.record({ name: 'keptMemory', args: [name, bytes] }, name);
    return Buffer.alloc(bytes);
  }

  haveInput(_fifos: readonly Fifo[]): readonly Fifo[] {
    return [];
  }

  loadModule(path: string, parameters: string): void {
    this.record({ name: 'loadModule', args: [path, parameters] }, path);
  }

  peekExited(): number | undefined {
    this.record({ name: 'peekExited', args: [] });
    return this.exited[0]?.pid;
  }

  /** ECHILD when `exited` has no such pid, as the kernel says. */
  collectExited(pid: number): Exit {
    this.record({ name: 'collectExited', args: [pid] }, String(pid));
    const index = this.exited.findIndex((child) => child.pid === pid);
    const [child] = index < 0 ? [] : this.exited.splice(index, 1);
    if (child === undefined) throw new SysError('waitid', 'ECHILD', String(pid));
    return child.exit;
  }

  kill(pid: number, signal: number): void {
    this.record({ name: 'kill', args: [pid, signal] }, String(pid));
  }

  killGroupOf(pid: number, signal: number): void {
    this.record({ name: 'killGroupOf', args: [pid, signal] }, String(pid));
  }

  unblockSignal(signal: number): void {
    this.record({ name: 'unblockSignal', args: [signal] }, String(signal));
  }

  rtnetlink(request: Uint8Array): Uint8Array[] {
    this.record({ name: 'rtnetlink', args: [request] });
    return this.rtnetlinkAnswers.shift() ?? [];
  }

  openUevents(): { read(): string | undefined } {
    this.record({ name: 'openUevents', args: [] });
    return { read: () => this.uevents.shift() };
  }

  openDatagramSocket(path: string, mode: number): DatagramSocket {
    this.record({ name: 'openDatagramSocket', args: [path, mode] }, path);
    const take = (onDatagram: (bytes: Uint8Array) => void): boolean => {
      const bytes = this.datagrams.get(path)?.[0];
      if (bytes === undefined) return false;
      try {
        onDatagram(bytes);
      } finally {
        this.datagrams.get(path)?.shift();
      }
      return true;
    };
    return { fd: -1, take, close: () => void this.datagrams.delete(path) };
  }

  /** None: for integration tests, too. */
  receiveDescriptors(socket: number): undefined {
    this.record({ name: 'receiveDescriptors', args: [socket] });
  }

  /** A descriptor of nothing: the real one is for integration tests. */
  openTcpSocket(netNamespace: string, family: 4 | 6): number {
    this.record({ name: 'openTcpSocket', args: [netNamespace, family] }, netNamespace);
    return -1;
  }

  trimHeap(): void {
    this.record({ name: 'trimHeap', args: [] });
  }

  /** Descriptors of nothing, as above. */
  openConsoleSocket(path: string): number {
    this.record({ name: 'openConsoleSocket', args: [path] }, path);
    return -1;
  }

  takeTerminal(consoleSocket: number): number | undefined {
    this.record({ name: 'takeTerminal', args: [consoleSocket] });
    return undefined;
  }

  setLineSpeed(terminal: number, baud: number): void {
    this.record({ name: 'setLineSpeed', args: [terminal, baud] });
  }

  setKeyInput(terminal: number): void {
    this.record({ name: 'setKeyInput', args: [terminal] });
  }

  setWindowSize(terminal: number, size: WindowSize): void {
    this.record({ name: 'setWindowSize', args: [terminal, size] });
  }

  duplicate(fd: number): number {
    this.record({ name: 'duplicate', args: [fd] }, String(fd));
    return -1;
  }

  openPipe(): { read: number; write: number } {
    this.record({ name: 'openPipe', args: [] });
    return { read: -1, write: -1 };
  }

  adoptOrphans(): void {
    this.record({ name: 'adoptOrphans', args: [] });
  }

  isHungUp(fd: number): boolean {
    this.record({ name: 'isHungUp', args: [fd] }, String(fd));
    return this.hungUp;
  }

  hasInput(fd: number): boolean {
    this.record({ name: 'hasInput', args: [fd] }, String(fd));
    return this.input;
  }

  setWatchdogTimeout(fd: number, seconds: number): number {
    this.record({ name: 'setWatchdogTimeout', args: [fd, seconds] }, String(fd));
    return this.watchdogSeconds(seconds);
  }

  private record(call: SysCall, target = ''): void {
    this.calls.push(call);
    let failed: PlannedFailure | undefined;
    for (const failure of this.failures.filter(({ name }) => name === call.name)) {
      if (failure.remaining === 0) failed ??= failure;
      else failure.remaining -= 1;
    }
    if (failed === undefined) return;
    this.failures.splice(this.failures.indexOf(failed), 1);
    throw new SysError(call.name, failed.code, target);
  }
}
