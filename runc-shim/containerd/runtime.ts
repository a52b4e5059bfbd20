/**
 * ContainerRuntime over containerd: each container is a container and a task of it there, under the id it has
 * here, and its shim is the parent of its processes. Keeps no state of its own, so that a PID 1 that was executed
 * again, and a containerd that was started again, go on with the same containers.
 *
 * The end of a container is told by its shim, and commands are run by the OCI runtime itself, in the state that the
 * shim keeps for it: that works while containerd is away, so that no service ends because of it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorMessage } from '../../sys/errno.ts';
import {
  type ContainerEnd,
  type ContainerRuntime,
  type ContainerStdio,
  RuntimeError,
  type RuntimeStage,
} from '../runtime.ts';
import type { ContainerdClient } from './client.ts';
import { shellExit } from './exit-status.ts';
import type { ContainerdGate } from './gate.ts';
import { GrpcError, hasGrpcCode } from './grpc-error.ts';
import type { RuncOptions } from './messages.ts';
import { type TaskWatchContext, watchTask } from './watch-task.ts';
import { withRoot } from './with-root.ts';

/** Where LinuxKit has its services. */
export const DEFAULT_NAMESPACE = 'services.linuxkit';

/** Where the shims keep the OCI runtime's state, a directory for each namespace. */
export const SHIM_STATE = '/run/containerd/runc';

/** As generous as those of runc itself: they only end what hangs. */
const TIMEOUTS_MS = { gate: 60_000, create: 60_000, start: 30_000, kill: 10_000, remove: 30_000 };

const SIGKILL = 9;

export interface ContainerdOptions {
  readonly client: ContainerdClient;
  readonly gate: ContainerdGate;
  /** False in an image without containerd, which is said then instead of waited for. */
  readonly isInstalled: () => boolean;
  readonly shim: RuncOptions;
  /** Of a client of the OCI runtime whose state is that of the shims. */
  readonly exec: ContainerRuntime['exec'];
  /** The exit status of a task, from its shim; throws `GrpcError` when that cannot be asked. */
  readonly waitForShim: (id: string) => Promise<number>;
  readonly processExists: TaskWatchContext['processExists'];
  readonly timeoutsMs?: Partial<typeof TIMEOUTS_MS>;
}

export function createContainerdRuntime(options: ContainerdOptions): ContainerRuntime {
  const { client, gate, shim } = options;
  const timeoutsMs = { ...TIMEOUTS_MS, ...options.timeoutsMs };

  async function at<T>(
    stage: Exclude<RuntimeStage, 'exec'>,
    signal: AbortSignal | undefined,
    work: (limits: { timeoutMs: number; signal?: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    if (!options.isInstalled()) {
      const message = 'The image carries no containerd (ishmael/containerd in init)';
      throw new RuntimeError('not-executable', stage, message);
    }
    try {
      const more = signal && { signal };
      await gate.pass({ timeoutMs: timeoutsMs.gate, ...more });
      return await work({ timeoutMs: timeoutsMs[stage], ...more });
    } catch (error) {
      throw error instanceof GrpcError ? asRuntimeError(stage, error) : error;
    }
  }

  async function makeTask(
    id: string,
    bundle: string,
    { stdout, stderr }: NonNullable<ContainerStdio['paths']>,
    limits: { timeoutMs: number; signal?: AbortSignal },
  ): Promise<number> {
    const spec = withRoot(readSpec(join(bundle, 'config.json')), join(bundle, 'rootfs'));
    const make = (): Promise<void> => client.createContainer({ id, spec, runtime: shim }, limits);
    try {
      await make();
    } catch (error) {
      if (!hasGrpcCode(error, 'already-exists')) throw error;
      // Of an earlier boot, where containerd's own files outlive one.
      await removeAll(id, timeoutsMs.remove);
      await make();
    }
    const pid = await client.createTask({ id, stdout, stderr, terminal: false }, limits);
    // Where the OCI runtimes have it, too: an emergency finds the containers by it.
    writeFileSync(join(bundle, 'pid'), String(pid));
    return pid;
  }

  async function removeAll(id: string, timeoutMs: number): Promise<void> {
    try {
      await unlessGone(client.deleteTask(id, { timeoutMs }));
    } catch (error) {
      if (!(error instanceof GrpcError)) throw error;
      await endTask(id, timeoutMs);
    }
    await unlessGone(client.deleteContainer(id, { timeoutMs }));
  }

  /** A task that has ended, or is not there any more. */
  async function endTask(id: string, timeoutMs: number): Promise<void> {
    await unlessGone(client.kill(id, SIGKILL, true, { timeoutMs }));
    await unlessGone(client.wait(id, '', { timeoutMs }));
    await unlessGone(client.deleteTask(id, { timeoutMs }));
  }

  return {
    name: 'containerd',
    create: (id, bundle, stdio, signal) =>
      at('create', signal, async (limits) => {
        const pid = await makeTask(id, bundle, pathsOf(stdio), limits);
        return { pid };
      }),
    start: (id, signal) => at('start', signal, async (l) => void (await client.start(id, '', l))),
    kill: (id, signal) => at('kill', undefined, (limits) => client.kill(id, signal, false, limits)),
    exec: options.exec,
    remove: (id) => at('remove', undefined, ({ timeoutMs }) => removeAll(id, timeoutMs)),
    watch(id, pid, onEnd: (end: ContainerEnd) => void) {
      const { processExists } = options;
      const wait = async (): Promise<ContainerEnd> => {
        try {
          return shellExit(await options.waitForShim(id));
        } catch (error) {
          // It has gone, and what is left to be known of the task is containerd's.
          if (!(error instanceof GrpcError)) throw error;
          await gate.pass({ timeoutMs: timeoutsMs.gate });
          return shellExit(await client.wait(id));
        }
      };
      void watchTask({ wait, processExists }, pid).then(onEnd);
    },
  };
}

/** It opens what a container writes to by name; and there is nothing more that it would hand over. */
function pathsOf({
  paths,
  extra,
  consoleSocket,
}: ContainerStdio): NonNullable<ContainerStdio['paths']> {
  const refuse = (what: string): RuntimeError =>
    new RuntimeError('create-failed', 'create', `containerd cannot give a container ${what}`);
  if (extra !== undefined) throw refuse('a descriptor, as "readiness: {fd}" wants it');
  if (consoleSocket !== undefined || paths === undefined) throw refuse('a terminal of ours');
  return paths;
}

function readSpec(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new RuntimeError('create-failed', 'create', errorMessage(cause), { cause });
  }
}

async function unlessGone<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (hasGrpcCode(error, 'not-found')) return undefined;
    throw error;
  }
}

function asRuntimeError(stage: Exclude<RuntimeStage, 'exec'>, cause: GrpcError): RuntimeError {
  const { code, message } = cause;
  if (code === 'deadline-exceeded' || code === 'cancelled') {
    return new RuntimeError('timed-out', stage, message, { cause });
  }
  const missing = code === 'not-found' && stage !== 'create';
  return new RuntimeError(missing ? 'not-found' : `${stage}-failed`, stage, message, { cause });
}
