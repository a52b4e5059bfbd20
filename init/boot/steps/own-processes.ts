import { existsSync, readFileSync } from 'node:fs';
import { errnoCode } from '../../../sys/errno.ts';
import { signalNumber } from '../../../sys/exit.ts';
import type { Sys } from '../../../sys/sys.ts';

/**
 * Ends the consoles and bridges of an earlier generation, and containerd: they are still our children, but nobody
 * waits for them any more, and new ones are about to take their terminals, and its socket.
 */
export function endOwnProcesses(sys: Sys, root: string): undefined {
  for (const cgroup of ['system', 'containerd']) {
    const file = `${root}/sys/fs/cgroup/${cgroup}/cgroup.procs`;
    const pids = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
    for (const pid of pids.filter(Boolean).map(Number)) end(sys, pid);
  }
}

function end(sys: Sys, pid: number): void {
  try {
    sys.kill(pid, signalNumber('SIGKILL') ?? 9);
  } catch (error) {
    if (errnoCode(error) !== 'ESRCH') throw error;
  }
}
