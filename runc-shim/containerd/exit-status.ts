import type { Exit } from '../../sys/exit.ts';

/** What containerd adds a signal's number to, as a shell does (go-runc, exitSignalOffset). */
const SIGNAL_OFFSET = 128;
const LAST_SIGNAL = 64;

/**
 * How a container has ended, from containerd's one number for it. A program that exits with such a number itself
 * is one that tells so of a process that was killed, nearly always; whether a core was dumped is not said.
 */
export function shellExit(status: number): Exit {
  const signal = status - SIGNAL_OFFSET;
  return signal >= 1 && signal <= LAST_SIGNAL
    ? { kind: 'signaled', signal, core: false }
    : { kind: 'exited', code: status };
}
