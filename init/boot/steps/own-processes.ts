import { readFileSync } from 'node:fs';
import { errnoCode } from '../../../sys/errno.ts';
import { signalNumber } from '../../../sys/exit.ts';
import type { Sys } from '../../../sys/sys.ts';

/**
 * Ends the consoles and bridges of an earlier generation: they are still our children, but nobody
 * waits for them any more, and new ones are about to take their terminals.
 */
export function endOwnProcesses(sys: Sys, root: string): undefined {
  const pids = readFileSync(`${root}/sys/fs/cgroup/system/cgroup.procs`, 'utf8').split('\n');
  for (const pid of pids.filter(Boolean).map(Number)) {
    try {
      sys.kill(pid, signalNumber('SIGKILL') ?? 9);
    } catch (error) {
      if (errnoCode(error) !== 'ESRCH') throw error;
    }
  }
}
