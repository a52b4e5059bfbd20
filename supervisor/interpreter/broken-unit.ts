/** A unit that cannot be run at all, which is known from the start: every launch fails with the reason. */
import { LaunchError, type Launcher } from './launcher.ts';

export function brokenLauncher(problem: string): Launcher {
  return {
    launch: async () => Promise.reject(new LaunchError('bundle', problem)),
    adopt: (_pid, report) => report.exited({ kind: 'lost' }),
    probe: async () => Promise.resolve({ passed: false, output: problem }),
    signal: () => undefined,
    kill: () => undefined,
    remove: async () => Promise.resolve(),
  };
}
