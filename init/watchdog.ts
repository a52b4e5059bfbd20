/**
 * The hardware watchdog: a timer beside the processor that resets the machine unless it is fed. It bites
 * when PID 1 is alive but no use: an event loop that does not turn, or a supervisor that does not answer.
 *
 *   looking   no device, or somebody else has it        each feeding time tries again
 *   armed     fed while the loop turns and the supervisor answers; a PID 1 that is executed again leaves
 *             it running (no 'V' was written) and has until the timeout to open it anew
 *   ending    the machine's last steps: fed once more, with time for a slow disk, then never again
 *   released  before a power off or halt, where a reset would start the machine again; a restart keeps it
 *             armed to the end, because a reset is then what was wanted
 *   unfit     a device that cannot be given a safe timeout is left alone: it would reset a sound machine
 *
 * Kernel side: Documentation/watchdog/watchdog-api.rst.
 */
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { errnoCode, errorMessage } from '../sys/errno.ts';
import type { Sys } from '../sys/sys.ts';

const TIMEOUT_S = 60;
/** Several tries within a timeout: a loop that is late once must not cost the machine. */
const FEED_INTERVAL_MS = 10_000;
const SHORTEST_TIMEOUT_S = (2 * FEED_INTERVAL_MS) / 1000;
/** For the last sync and unmount, during which nothing can be fed. */
const END_TIMEOUT_S = 180;

/** Any byte feeds it; this one, written before a close, stops it (magic close). */
const FEED = '\0';
const MAGIC_CLOSE = 'V';

export interface WatchdogContext {
  readonly sys: Pick<Sys, 'setWatchdogTimeout'>;
  /** `/dev/watchdog`. */
  readonly device: string;
  /** Throws when the supervisor is no use any more. */
  readonly ask: () => void;
  readonly tell: (severity: 'info' | 'warning' | 'error', text: string) => void;
}

export interface Watchdog {
  /** Looks for a device, or feeds the one it has. */
  feed(): void;
  /** The services have stopped; from here on nothing feeds. */
  beginEnd(): void;
  /** The very last thing before the kernel is asked to power off or halt. */
  release(): void;
}

/** From now on, by a timer: that it fires is the proof that the event loop turns. */
export function keepFeeding(watchdog: Pick<Watchdog, 'feed'>): void {
  watchdog.feed();
  setInterval(() => watchdog.feed(), FEED_INTERVAL_MS);
}

type State =
  | { readonly tag: 'looking' | 'released' | 'unfit' }
  | { readonly tag: 'armed' | 'ending'; readonly fd: number };

export function createWatchdog({ sys, device, ask, tell }: WatchdogContext): Watchdog {
  let state: State = { tag: 'looking' };
  /** One line for each new trouble, not six a minute. */
  let trouble = '';

  function warn(severity: 'warning' | 'error', text: string): void {
    if (text !== trouble) tell(severity, text);
    trouble = text;
  }

  function look(): State {
    const fd = openDevice();
    if (fd === undefined) return { tag: 'looking' };
    // Opening has started it, so from here on it must be fed or stopped.
    const seconds = setSeconds(fd, TIMEOUT_S);
    if (seconds < SHORTEST_TIMEOUT_S) {
      letGo(fd);
      warn('warning', `hardware watchdog left alone: it cannot be set to ${TIMEOUT_S} s`);
      return { tag: 'unfit' };
    }
    trouble = '';
    tell('info', `hardware watchdog armed: ${seconds} s`);
    return { tag: 'armed', fd };
  }

  function openDevice(): number | undefined {
    try {
      return openSync(device, constants.O_WRONLY);
    } catch (error) {
      const code = errnoCode(error);
      // ENXIO and ENODEV: the node is there, its driver is not.
      if (code !== 'ENOENT' && code !== 'ENXIO' && code !== 'ENODEV') {
        warn('warning', `hardware watchdog: ${errorMessage(error)}`);
      }
      return undefined;
    }
  }

  /** What the device made of it; 0 when it refuses. */
  function setSeconds(fd: number, seconds: number): number {
    try {
      return sys.setWatchdogTimeout(fd, seconds);
    } catch {
      // EOPNOTSUPP: its timeout is fixed; EINVAL: it has no such timeout.
      return 0;
    }
  }

  function isAnswered(): boolean {
    try {
      ask();
      return true;
    } catch (error) {
      warn('error', `hardware watchdog not fed, no answer: ${errorMessage(error)}`);
      return false;
    }
  }

  function write(fd: number): boolean {
    try {
      writeSync(fd, FEED);
      return true;
    } catch (error) {
      warn('error', `hardware watchdog: ${errorMessage(error)}`);
      return false;
    }
  }

  return {
    feed() {
      if (state.tag === 'looking') state = look();
      if (state.tag !== 'armed' || !isAnswered() || write(state.fd)) return;
      letGo(state.fd);
      state = { tag: 'looking' };
    },
    beginEnd() {
      if (state.tag !== 'armed') {
        state = { tag: 'released' };
        return;
      }
      state = { tag: 'ending', fd: state.fd };
      // A device that has no timeout as long keeps the one it has.
      setSeconds(state.fd, END_TIMEOUT_S);
      write(state.fd);
    },
    release() {
      if ('fd' in state) letGo(state.fd);
      state = { tag: 'released' };
    },
  };
}

/** Stops the timer and closes; a kernel built with NOWAYOUT goes on all the same. */
function letGo(fd: number): void {
  try {
    writeSync(fd, MAGIC_CLOSE);
  } catch {
    // The device is gone: nothing to stop.
  }
  closeSync(fd);
}
