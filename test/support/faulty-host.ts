/**
 * A world in which everything that the launchers call can fail: node:fs (mocked by the test that uses this),
 * `Sys` and the programs that are run. Calls are counted in the order they are made, and one of them, the
 * `failAt`-th, fails with an errno. Paths of the machine lie in a temporary directory.
 *
 * There is one program, which runs until it gets a signal that ends it; the OCI runtime is a stand-in that keeps what
 * the real one would: a pid file, a process, its end.
 */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SysError } from '../../sys/errno.ts';
import type { Exit } from '../../sys/exit.ts';
import type { DatagramSocket } from '../../sys/sys.ts';
import type { ProcessRunner, RunResult } from '../../sys/process-runner.ts';
import { FakeSys } from './fake-sys.ts';

/** Not the mocked one: what the stand-ins do is no call of ours. */
const { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } =
  process.getBuiltinModule('node:fs');

/** The call that fails, counted from 0, and its errno. */
export interface Fault {
  readonly at: number;
  readonly code: string;
}

/** In memory where that can be: hundreds of small trees are made and removed. */
const FAST_TEMP = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

const CGROUP = 'sys/fs/cgroup/services/plain';

const MOVED = /^\/(run|sys\/fs\/cgroup|containers)(?=\/|$)/;

/** What the test's mock of node:fs asks before each call. */
export const host: { current: FaultyHost | undefined } = { current: undefined };

export class FaultyHost {
  readonly root: string = mkdtempSync(join(FAST_TEMP, 'host-'));
  /** Names of the calls, in order. */
  readonly calls: string[] = [];
  readonly openFds: Set<number> = new Set();
  readonly sys: FaultySys;
  readonly runner: ProcessRunner = { run: (file, args) => this.run(file, args) };
  fault: Fault | undefined;
  private readonly watchers = new Map<number, (exit: Exit) => void>();
  private readonly ended = new Map<number, Exit>();
  private container: { readonly pid: number; alive: boolean } | undefined;
  private nextPid = 100;
  /** Whether the program ends at SIGTERM. */
  private readonly obedient: boolean;

  constructor(obedient: boolean) {
    this.obedient = obedient;
    this.sys = new FaultySys(this);
    for (const path of ['run/ishmael', 'sys/fs/cgroup/services', 'containers/plain/bin']) {
      mkdirSync(join(this.root, path), { recursive: true });
    }
  }

  moved(path: unknown): unknown {
    return typeof path === 'string' && MOVED.test(path) ? this.root + path : path;
  }

  /** Counts a call, and fails it when its turn has come. */
  call(name: string, target: string): void {
    this.calls.push(name);
    if (this.fault?.at === this.calls.length - 1) throw new SysError(name, this.fault.code, target);
  }

  /** The fault is over; from now on everything works. */
  heal(): void {
    this.fault = undefined;
  }

  readonly watch = (pid: number, onExit: (exit: Exit) => void): boolean => {
    const exit = this.ended.get(pid);
    if (exit === undefined) this.watchers.set(pid, onExit);
    else setImmediate(onExit, exit);
    return exit !== undefined;
  };

  /** A file was written; cgroup.kill is one that acts. */
  wrote(path: string): void {
    if (!path.endsWith('/cgroup.kill')) return;
    // A cgroup is removed with its files in it, a directory is not.
    rmSync(this.root + path);
    this.end(9);
  }

  end(signal: number): void {
    const process = this.container;
    if (process === undefined || !process.alive) return;
    process.alive = false;
    const exit: Exit = { kind: 'signaled', signal, core: false };
    this.ended.set(process.pid, exit);
    const watcher = this.watchers.get(process.pid);
    if (watcher !== undefined) setImmediate(watcher, exit);
  }

  kill(pid: number, signal: number): void {
    if (this.container?.pid !== pid || !this.container.alive) {
      throw new SysError('kill', 'ESRCH', String(pid));
    }
    if (signal === 9 || (signal === 15 && this.obedient)) this.end(signal);
  }

  get alive(): boolean {
    return this.container?.alive === true;
  }

  remove(): void {
    rmSync(this.root, { recursive: true });
  }

  private async run(file: string, args: readonly string[]): Promise<RunResult> {
    await Promise.resolve();
    const action = args.find((word) => ['create', 'start', 'exec', 'delete'].includes(word)) ?? '';
    this.call(`run ${action}`, file);
    if (action === 'create') {
      if (this.container?.alive === true) return result(1);
      this.container = { pid: this.nextPid, alive: true };
      mkdirSync(join(this.root, CGROUP), { recursive: true });
      this.nextPid += 1;
      const pidFile = args[args.indexOf('--pid-file') + 1] ?? '';
      writeFileSync(String(this.moved(pidFile)), String(this.container.pid));
    } else if (action === 'start') {
      return result(this.alive ? 0 : 1);
    } else if (action === 'exec') {
      return result(this.alive ? 0 : 1);
    } else {
      this.end(9);
      this.container = undefined;
      rmSync(join(this.root, CGROUP), { recursive: true, force: true });
    }
    return result(0);
  }
}

class FaultySys extends FakeSys {
  private readonly host: FaultyHost;

  constructor(world: FaultyHost) {
    super();
    this.host = world;
  }

  override mount(...args: Parameters<FakeSys['mount']>): void {
    this.host.call('sys.mount', args[1]);
  }

  override umount(...args: Parameters<FakeSys['umount']>): void {
    this.host.call('sys.umount', args[0]);
  }

  override openDatagramSocket(path: string, mode: number): DatagramSocket {
    this.host.call('sys.openDatagramSocket', path);
    return super.openDatagramSocket(path, mode);
  }

  override kill(pid: number, signal: number): void {
    this.host.call('sys.kill', String(pid));
    this.host.kill(pid, signal);
  }
}

function result(code: number): RunResult {
  return { exit: { kind: 'exited', code }, timedOut: false, stdout: '', stderr: '' };
}
