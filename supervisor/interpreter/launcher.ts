import type { RunEnd } from '../service/state.ts';

/** What a launch tells as it goes; `created` comes before `onExit` can. */
export interface LaunchReport {
  /** The launch itself waits for something: `the host to connect`. */
  held(heldFor: string): void;
  created(pid: number): void;
  exited(end: RunEnd): void;
}

/**
 * Starts and ends runs of one unit. Containers and our own processes differ only here.
 * A launch that fails rejects with `LaunchError`; after it `remove` is called before the next launch.
 */
export interface Launcher {
  /**
   * Resolves when the run's process is executing its program. When `signal` aborts, whatever is waited
   * for is ended, and the launch fails.
   */
  launch(report: LaunchReport, signal: AbortSignal): Promise<void>;
  /** Takes on a process that an earlier generation has launched; only `exited` is told of it. */
  adopt(pid: number, report: Pick<LaunchReport, 'exited'>): void;
  /** Throws `SysError`; a process that is gone already (`ESRCH`) is no error to the caller. */
  signal(pid: number, signal: number): void;
  /** Ends all processes of the run at once. */
  kill(pid: number): void;
  /** Leaves nothing of the run behind; idempotent. */
  remove(): Promise<void>;
}

/** `stage`: what was being done when it failed: `bundle`, `create`, `start`, `spawn`. */
export class LaunchError extends Error {
  override readonly name = 'LaunchError';
  readonly stage: string;

  constructor(stage: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.stage = stage;
  }
}
