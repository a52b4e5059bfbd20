/**
 * What the OOM killer does to one run of a container, from memory.events of its cgroup, which lives as
 * long as the run (cgroup-v2.rst). The file says when it has changed, so nothing is polled.
 */
import { type FSWatcher, readFileSync, watch } from 'node:fs';
import type { ContainerEnd } from '../../runc-shim/runtime.ts';
import { signalNumber } from '../../sys/exit.ts';
import { oomKills } from '../inspect/memory-events.ts';
import type { RunEnd } from '../service/state.ts';

/**
 * A cgroup at its limit changes the file up to a hundred times a second. One look in a second is enough,
 * and lets the end of the first process come before the count that explains it.
 */
const PAUSE_MS = 1000;

/** A large process takes its time to die after it was killed. */
const DYING_MS = 10_000;

export interface OomWatch {
  /** What the first process has ended by; nothing is watched from then on. */
  end(exit: ContainerEnd): RunEnd;
}

/**
 * @param directory of the cgroup; without memory controller nothing is watched
 * @param tell gets a sentence about processes that were killed while the first one goes on
 */
export function watchOom(directory: string, tell: (text: string) => void): OomWatch {
  const file = `${directory}/memory.events`;
  let told = killsIn(file) ?? 0;
  // A run that is adopted may have been killed, and may be dying, before there was anybody to watch.
  let lastKillMs = told > 0 ? performance.now() : Number.NEGATIVE_INFINITY;
  let pause: NodeJS.Timeout | undefined;
  let watcher = listen();

  function listen(): FSWatcher | undefined {
    try {
      // The cgroup may go before the watch does; that is how a run ends.
      return watch(file, { persistent: false }, wait).on('error', () => undefined);
    } catch {
      // No memory controller, or no more watches: an end can still be told from the count.
      return undefined;
    }
  }

  function wait(): void {
    watcher?.close();
    pause ??= setTimeout(look, PAUSE_MS).unref();
  }

  function look(): void {
    pause = undefined;
    // Listening first: what happens between the two is seen by one of them.
    watcher = listen();
    report(killsIn(file) ?? told);
  }

  function report(kills: number): void {
    if (kills <= told) return;
    tell(oomText(kills - told));
    told = kills;
    lastKillMs = performance.now();
  }

  return {
    end(exit) {
      watcher?.close();
      clearTimeout(pause);
      const kills = killsIn(file) ?? told;
      const recent = kills > told || performance.now() - lastKillMs < DYING_MS;
      if (!recent || exit.kind !== 'signaled' || exit.signal !== signalNumber('SIGKILL')) {
        report(kills);
        return exit;
      }
      report(kills - 1);
      return { kind: 'oom-killed' };
    },
  };
}

function oomText(count: number): string {
  const processes = count === 1 ? 'a process' : `${count} processes`;
  return `the kernel has killed ${processes} of it for want of memory (OOM)`;
}

/** `undefined` when the cgroup is gone or has no memory controller. */
function killsIn(file: string): number | undefined {
  try {
    return oomKills(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
