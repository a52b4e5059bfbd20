import type { RunEnd } from '../service/state.ts';

/** What a launch tells as it goes; `created` comes before `onExit` can. */
export interface LaunchReport {
  /** The launch itself waits for something: `the host to connect`. */
  held(heldFor: string): void;
  /** A command before the program runs now: `preStart 1 of 2 (db-migrate)`. */
  step(pid: number, step: string): void;
  /** In the same turn in which its exit is known: from then on the pid may be somebody else's. */
  stepEnded(): void;
  created(pid: number): void;
  /** The program has said that it is ready; at most once a run. */
  ready(): void;
  exited(end: RunEnd): void;
}

export interface LaunchOrder {
  /** Aborts when the time of the launch is over: whatever is waited for is ended by force. */
  readonly kill: AbortSignal;
  /** Aborts when the launch is not wanted any more: it begins nothing new and fails. */
  readonly abandon: AbortSignal;
}

export interface ProbeOutcome {
  readonly passed: boolean;
  /** At most `PROBE_OUTPUT_BYTES` bytes; why, when it failed. */
  readonly output: string;
}

/**
 * Starts and ends runs of one unit. Containers and our own processes differ only here.
 * A launch that fails rejects with `LaunchError`; after it `remove` is called before the next launch.
 */
export interface Launcher {
  /** Resolves when the run's process is executing its program. */
  launch(report: LaunchReport, order: LaunchOrder): Promise<void>;
  /** Takes on a process that an earlier generation has launched; only these are told of it. */
  adopt(pid: number, report: Pick<LaunchReport, 'exited' | 'ready'>): void;
  /**
   * Asks the unit's health check once, within the check's own time. Never rejects: what keeps it from
   * asking is a failure of the probe as well.
   */
  probe(pid: number): Promise<ProbeOutcome>;
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
