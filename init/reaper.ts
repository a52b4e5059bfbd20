/**
 * The single owner of wait in PID 1. libuv waits for the children that child_process started, each by
 * its pid; every other child (container processes, orphans) is collected here and nowhere else.
 *
 * A plain waitpid(-1) would steal libuv's children: libuv then never reports their exit. So each dead
 * child is looked at first without being collected (WNOWAIT), and left alone while libuv owns its pid.
 * A child whose exit nobody asked for yet is remembered for a while: a container's first process may
 * die before its pid file has been read.
 */
import type { Exit } from '../sys/exit.ts';
import type { Sys } from '../sys/sys.ts';

/** Per turn of the event loop, so that a storm of orphans does not hold up everything else. */
const BATCH = 256;
const REMEMBERED = 64;

/** What a generation of PID 1 takes over from the one before. */
export interface Inheritance {
  /** Children whose exit somebody will ask for, however many orphans end before that. */
  readonly expected: ReadonlySet<number>;
  /** Exits of such children that a generation in emergency mode has collected. */
  readonly collected: ReadonlyMap<number, Exit>;
}

const NOTHING: Inheritance = { expected: new Set(), collected: new Map() };
/** libuv collects its child within its own poll phase; ask again soon after. */
const RETRY_MS = 1;
/** SIGCHLD cannot be lost, but a machine that must run for years asks anyway. */
const SAFETY_MS = 5000;

export interface Reaper {
  /** Calls `onExit` once `pid` has ended, also if that was a moment ago. Returns whether it was. */
  watch(pid: number, onExit: (exit: Exit) => void): boolean;
  /** Tells that libuv waits for `pid`, until `releaseLibuvChild`. */
  claimForLibuv(pid: number): void;
  releaseLibuvChild(pid: number): void;
  /** Children collected that nobody watched: the orphans of the machine. */
  readonly orphans: number;
}

export function startReaper(sys: Sys, { expected, collected }: Inheritance = NOTHING): Reaper {
  const ownedByLibuv = new Set<number>();
  const watchers = new Map<number, (exit: Exit) => void>();
  const awaited = new Map(collected);
  const unclaimed = new Map<number, Exit>();
  let scheduled = false;
  let orphans = 0;

  const kick = (): void => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(reap);
  };

  function reap(): void {
    scheduled = false;
    for (let n = 0; n < BATCH; n += 1) {
      const pid = sys.peekExited();
      if (pid === undefined) return;
      if (ownedByLibuv.has(pid)) {
        setTimeout(kick, RETRY_MS);
        return;
      }
      deliver(pid, sys.collectExited(pid));
    }
    kick();
  }

  function deliver(pid: number, exit: Exit): void {
    const watcher = watchers.get(pid);
    if (watcher !== undefined) {
      watchers.delete(pid);
      watcher(exit);
      return;
    }
    if (expected.has(pid)) {
      awaited.set(pid, exit);
      return;
    }
    orphans += 1;
    unclaimed.delete(pid);
    unclaimed.set(pid, exit);
    const oldest = unclaimed.keys().next();
    if (unclaimed.size > REMEMBERED && oldest.done !== true) unclaimed.delete(oldest.value);
  }

  process.on('SIGCHLD', kick);
  setInterval(kick, SAFETY_MS).unref();
  kick();
  return {
    watch(pid, onExit) {
      const inherited = awaited.get(pid);
      if (inherited !== undefined) {
        awaited.delete(pid);
        setImmediate(onExit, inherited);
        return true;
      }
      const exit = unclaimed.get(pid);
      if (exit === undefined) {
        watchers.set(pid, onExit);
        return false;
      }
      unclaimed.delete(pid);
      orphans -= 1;
      setImmediate(onExit, exit);
      return true;
    },
    claimForLibuv(pid) {
      ownedByLibuv.add(pid);
    },
    releaseLibuvChild(pid) {
      ownedByLibuv.delete(pid);
      kick();
    },
    get orphans() {
      return orphans;
    },
  };
}
