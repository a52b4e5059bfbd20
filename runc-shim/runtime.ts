/**
 * What PID 1 asks of an OCI runtime. Implemented over the command line of runc and crun
 * (runc/client.ts). Says nothing about bundles: bundle.ts makes them, and removing a container
 * leaves its bundle in place.
 */

export interface ContainerRuntime {
  /** For people: `runc`, `crun`. */
  readonly name: string;
  /**
   * Builds the container up to, not including, its program. The process has its final pid already,
   * so a watcher can be registered before the program runs. When it fails, half a container may be
   * there: `remove` it before the next attempt.
   * @param bundle absolute path of the bundle directory.
   * @param stdio descriptors that the container inherits; the caller keeps and closes its own.
   */
  create(
    id: string,
    bundle: string,
    stdio: ContainerStdio,
    signal?: AbortSignal,
  ): Promise<{ readonly pid: number }>;
  /** Lets the created container execute its program. */
  start(id: string, signal?: AbortSignal): Promise<void>;
  /** Sends a signal, by number, to the container's first process. */
  kill(id: string, signal: number): Promise<void>;
  /** Kills what is left and forgets the container. A container that does not exist is success. */
  remove(id: string): Promise<void>;
  /**
   * The same for a container whose processes have all ended and whose cgroup is gone: only the runtime's
   * files are left then, and the runtime itself need not be run. Throws the errno error.
   */
  forget(id: string): void;
}

export interface ContainerStdio {
  readonly stdout: number;
  readonly stderr: number;
}

export type RuntimeStage = 'create' | 'start' | 'kill' | 'remove';

export type RuntimeErrorCode =
  | 'create-failed'
  | 'start-failed'
  | 'kill-failed'
  | 'remove-failed'
  /** The runtime did not answer within its time, or in the caller's, and was killed. */
  | 'timed-out'
  /** `start` or `kill` of a container that does not exist. */
  | 'not-found'
  /** The runtime's program could not be executed at all. */
  | 'not-executable';

/** `message` is the runtime's own words wherever it had any. */
export class RuntimeError extends Error {
  override readonly name = 'RuntimeError';
  readonly code: RuntimeErrorCode;
  readonly stage: RuntimeStage;

  constructor(
    code: RuntimeErrorCode,
    stage: RuntimeStage,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.code = code;
    this.stage = stage;
  }
}
