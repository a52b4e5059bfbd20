/** Runs the OCI runtime for a process of our own that is not PID 1: libuv is the only one who waits for it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Exit, signalNumber } from '../../sys/exit.ts';
import type { ProcessRunner } from '../../sys/process-runner.ts';

export const runtimeRunner: ProcessRunner = {
  async run(file, args, { stdin, stdout, stderr, timeoutMs } = {}) {
    const child = spawn(file, args, {
      stdio: [stdin ?? 'ignore', numberOrNothing(stdout), numberOrNothing(stderr)],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    const exit: Exit =
      signal === null
        ? { kind: 'exited', code: code ?? 0 }
        : { kind: 'signaled', signal: signalNumber(signal) ?? 0, core: false };
    return { exit, timedOut: child.killed, stdout: '', stderr: '' };
  },
};

function numberOrNothing(stdio: 'ignore' | 'capture' | number | undefined): 'ignore' | number {
  if (stdio === 'capture') throw new TypeError('Nothing is captured here');
  return stdio ?? 'ignore';
}
