/**
 * Programs that PID 1 starts through child_process: helper runs (the OCI runtime) and long-lived
 * processes of our own (console, bridge). Every pid is claimed from the reaper for as long as libuv
 * waits for it.
 */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { type Exit, signalNumber } from '../sys/exit.ts';
import type { ProcessRunner, RunOptions, RunResult } from '../sys/process-runner.ts';
import type { ProcessSpawner } from '../supervisor/interpreter/process-unit.ts';
import { readShare } from '../supervisor/log/read-share.ts';
import type { Reaper } from './reaper.ts';

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const CAPTURE_BYTES = 65_536;
/** What a program wrote is in the pipe when it ends; who holds that open later writes nothing of interest. */
const CAPTURE_LINGER_MS = 500;

export function createProcessRunner(reaper: Reaper): ProcessRunner {
  return { run: async (file, args, options = {}) => run(reaper, file, args, options) };
}

/** Starts a process that stays; resolves its pid once it runs, and calls `onExit` at its end. */
export function createProcessSpawner(reaper: Reaper): ProcessSpawner {
  return {
    spawn: async ({ file, args, input, stdin, outputs }, onExit) =>
      new Promise((resolve, reject) => {
        const first = stdin === undefined ? 'ignore' : 'pipe';
        const child = spawnClaimed(reaper, file, args, {
          stdio: [
            first,
            outputs?.stdout ?? 'ignore',
            outputs?.stderr ?? 'ignore',
            ...(input === undefined ? [] : [input]),
          ],
          env: { PATH },
        });
        // It has ended before it has read that, which its end tells.
        child.stdin?.on('error', () => {});
        child.stdin?.end(stdin);
        child.once('error', reject);
        child.once('spawn', () => resolve(child.pid ?? 0));
        child.once('exit', (code, signal) => onExit(exitOf(code, signal)));
      }),
  };
}

async function run(
  reaper: Reaper,
  file: string,
  args: readonly string[],
  options: RunOptions,
): Promise<RunResult> {
  const stdout = options.stdout ?? 'ignore';
  const stderr = options.stderr ?? 'ignore';
  const pipeOr = (stdio: RunOptions['stdout']): 'ignore' | 'pipe' | number =>
    stdio === 'capture' ? 'pipe' : (stdio ?? 'ignore');
  const child = spawnClaimed(reaper, file, args, {
    stdio: [options.stdin ?? 'ignore', pipeOr(stdout), pipeOr(stderr), ...(options.extraFds ?? [])],
    env: { ...(options.env ?? { PATH }) },
    ...(options.timeoutMs === undefined
      ? {}
      : { timeout: options.timeoutMs, killSignal: 'SIGKILL' }),
  });
  const { signal } = options;
  let isAborted = false;
  const abort = (): void => {
    isAborted = child.kill('SIGKILL');
  };
  if (signal?.aborted === true) abort();
  signal?.addEventListener('abort', abort, { once: true });
  const out = capture(child.stdout);
  const err = capture(child.stderr);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    let linger: NodeJS.Timeout | undefined;
    child.once('exit', () => {
      linger = setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, CAPTURE_LINGER_MS);
    });
    // 'close' waits for the captured streams too; without captures it comes with 'exit'.
    child.once('close', (code, killedBy) => {
      clearTimeout(linger);
      signal?.removeEventListener('abort', abort);
      const exit = exitOf(code, killedBy);
      const timedOut = child.killed && !isAborted;
      resolve({ exit, timedOut, stdout: out(), stderr: err() });
    });
  });
}

function spawnClaimed(
  reaper: Reaper,
  file: string,
  args: readonly string[],
  options: SpawnOptions,
): ChildProcess {
  const child = spawn(file, args, options);
  const { pid } = child;
  if (pid !== undefined) {
    reaper.claimForLibuv(pid);
    child.prependOnceListener('exit', () => reaper.releaseLibuvChild(pid));
  }
  return child;
}

/**
 * Keeps the end of a stream: what a failing program says last is what explains it. Reading shares the time
 * that logs may take, for a program that writes without end.
 */
function capture(stream: Readable | null): () => string {
  let kept = Buffer.alloc(0);
  stream?.on('data', (chunk: Buffer) => {
    const fromMs = performance.now();
    kept = Buffer.concat([kept, chunk]).subarray(-CAPTURE_BYTES);
    const pauseMs = readShare.spend(fromMs, performance.now());
    if (pauseMs === 0) return;
    stream.pause();
    setTimeout(() => stream.resume(), pauseMs);
  });
  return () => kept.toString('utf8');
}

function exitOf(code: number | null, signal: NodeJS.Signals | null): Exit {
  if (signal === null) return { kind: 'exited', code: code ?? 0 };
  return { kind: 'signaled', signal: signalNumber(signal) ?? 0, core: false };
}
