import type { Exit } from './exit.ts';

/** Where a child's standard streams go: nowhere, a file descriptor we hold, or captured (bounded). */
export type Stdio = 'ignore' | 'capture' | number;

export interface RunOptions {
  readonly stdin?: 'ignore' | number;
  readonly stdout?: Stdio;
  readonly stderr?: Stdio;
  /** Descriptors that we hold, which the child gets as 3, 4 and so on. */
  readonly extraFds?: readonly number[];
  /** The whole environment of the child; default: only PATH. */
  readonly env?: Readonly<Record<string, string>>;
  /** After this the child gets SIGKILL and the result says `timedOut`. Default: no limit. */
  readonly timeoutMs?: number;
  /** When it aborts the child gets SIGKILL. The result is that of any child which was killed. */
  readonly signal?: AbortSignal;
}

/** A failure to start at all rejects with the errno error; everything else is a result. */
export interface RunResult {
  readonly exit: Exit;
  readonly timedOut: boolean;
  /**
   * What was captured, each at most 64 KiB, the end kept. '' when not captured. A child of the child that
   * holds the stream open after the end is not waited for.
   */
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs helper programs (the OCI runtime) and waits for them. PID 1's implementation tells its reaper
 * which children are libuv's, so that exactly one party waits for each pid.
 */
export interface ProcessRunner {
  run(file: string, args: readonly string[], options?: RunOptions): Promise<RunResult>;
}
