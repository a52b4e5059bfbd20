/**
 * What PID 1 asks of what runs containers. Implemented over the command line of runc and crun
 * (runc/client.ts) and over containerd (containerd/runtime.ts). Says nothing about bundles: bundle.ts makes them, and removing a container
 * leaves its bundle in place.
 */
import type { Exit } from '../sys/exit.ts';
import type { ProcessSpec } from './oci/runtime-spec.ts';

export interface ContainerRuntime {
  /** For people: `runc`, `crun`, `containerd`. */
  readonly name: string;
  /**
   * Builds the container up to, not including, its program. The process has its final pid already,
   * so a watcher can be registered before the program runs. When it fails, half a container may be
   * there: `remove` it before the next attempt.
   * @param bundle absolute path of the bundle directory.
   * @param stdio descriptors that the container inherits; the caller keeps and closes its own.
   * @param signal ends the runtime by force.
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
  /**
   * Runs a command in the running container, with exactly the user, the environment and the rights that
   * `command` has, and waits for its end. After `timeoutMs` it is killed, and the processes of its group
   * with it. Throws `RuntimeError` when the runtime has refused, so that nothing was run.
   */
  exec(id: string, command: ProcessSpec, timeoutMs: number): Promise<ExecResult>;
  /** Kills what is left and forgets the container. A container that does not exist is success. */
  remove(id: string): Promise<void>;
  /**
   * The same for a container whose processes have all ended and whose cgroup is gone: only the runtime's
   * files are left then, and the runtime itself need not be run. Throws the errno error. Absent where only
   * `remove` can.
   */
  forget?(id: string): void;
  /**
   * Calls `onEnd` once the container's first process has ended. Only where that is no child of PID 1: otherwise
   * its end comes to the reaper.
   */
  watch?(id: string, pid: number, onEnd: (end: ContainerEnd) => void): void;
}

/** `lost`: it has ended, and nobody can say how. */
export type ContainerEnd = Exit | { readonly kind: 'lost' };

export interface ContainerStdio {
  readonly stdout: number;
  readonly stderr: number;
  /** Names of the same two, for a runtime that opens them itself. */
  readonly paths?: { readonly stdout: string; readonly stderr: string };
  /** A further one and the number it has in the container; those from 3 to it are /dev/null there. */
  readonly extra?: { readonly as: number; readonly fd: number };
  /** Where a container with a terminal sends it; such a one has neither of the first two. */
  readonly consoleSocket?: string;
}

/** As much as is kept of what a command writes: as Docker does of a health check. */
export const EXEC_OUTPUT_BYTES = 4096;

export interface ExecResult {
  readonly exit: Exit;
  readonly timedOut: boolean;
  /** Standard output and standard error, one after the other; the last `EXEC_OUTPUT_BYTES`. */
  readonly output: string;
}

export type RuntimeStage = 'create' | 'start' | 'kill' | 'remove' | 'exec';

export type RuntimeErrorCode =
  | 'create-failed'
  | 'start-failed'
  | 'kill-failed'
  | 'remove-failed'
  | 'exec-failed'
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
