/**
 * A unit that is a process of our own binary (console, host bridge), started without a container, in
 * the cgroup of all such processes.
 */
import { writeFileSync } from 'node:fs';
import type { Exit } from '../../sys/exit.ts';
import { errorMessage } from '../../sys/errno.ts';
import { signalNumber } from '../../sys/exit.ts';
import type { Sys } from '../../sys/sys.ts';
import { LaunchError, type Launcher } from './launcher.ts';

/** Starts a long-lived child; rejects with the errno error when that is impossible. */
export interface ProcessSpawner {
  spawn(file: string, args: readonly string[], onExit: (exit: Exit) => void): Promise<number>;
}

export function processLauncher(
  context: { readonly sys: Sys; readonly spawner: ProcessSpawner; readonly cgroupsPath: string },
  program: { readonly file: string; readonly args: readonly string[] },
): Launcher {
  const { sys, spawner, cgroupsPath } = context;

  return {
    async launch(report) {
      try {
        const pid = await spawner.spawn(program.file, program.args, (exit) => report.exited(exit));
        report.created(pid);
        writeFileSync(`/sys/fs/cgroup${cgroupsPath}/cgroup.procs`, String(pid));
      } catch (error) {
        throw new LaunchError('spawn', errorMessage(error), { cause: error });
      }
    },
    signal: (pid, signal) => sys.kill(pid, signal),
    kill: (pid) => sys.kill(pid, signalNumber('SIGKILL') ?? 9),
    remove: async () => Promise.resolve(),
  };
}
