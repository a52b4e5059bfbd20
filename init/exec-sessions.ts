/**
 * Processes that run commands in containers for clients of the control API. PID 1 checks, starts and counts
 * them; the client's connection is theirs. They are in a cgroup of their own, which the next generation of
 * PID 1 leaves alone: an exec goes on while PID 1 is executed again.
 */
import { writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { processSpec } from '../runc-shim/oci/generate.ts';
import type { ContainerSpec } from '../runc-shim/oci/container-spec.ts';
import { renderValue } from '../runc-shim/oci/render.ts';
import { errnoCode, errorMessage } from '../sys/errno.ts';
import { RefusedError } from '../supervisor/control/control-port.ts';
import type { ExecOrder } from '../supervisor/exec/exec-order.ts';
import type { ProcessSpawner } from '../supervisor/interpreter/process-unit.ts';
import { type Manifest, onbootTasks, onshutdownId } from '../supervisor/manifest.ts';

/** Each takes about as much memory as a console. Those before a crash of PID 1 are not counted. */
export const MAX_EXECS = 16;

export const EXEC_CGROUP = '/exec';

export interface ExecContext {
  readonly spawner: ProcessSpawner;
  /** Our own binary, and what makes it the helper. */
  readonly helper: { readonly file: string; readonly args: readonly string[] };
  /** The runtime's program; `undefined` in an image without one, which has no containers. */
  readonly binary: string | undefined;
  /** The runtime's own state, in which it finds a unit's container. */
  readonly stateDirOf: (id: string) => string;
  readonly containerOf: (id: string) => ContainerSpec | undefined;
  readonly warn: (id: string, text: string) => void;
}

/** Throws `RefusedError` when one is under way. */
export type BeginUpdate = (connection: Socket) => void;

/** In a process like that of an exec: an image is larger than what PID 1 should ever hold. */
export function createUpdates({
  spawner,
  helper,
  terms,
  warn,
}: Pick<ExecContext, 'spawner' | 'helper'> & {
  /** Absent: this machine has no room for another image. */
  readonly terms: Manifest['updates'];
  readonly warn: (text: string) => void;
}): BeginUpdate {
  let isRunning = false;
  return (connection) => {
    if (terms === undefined) throw new RefusedError('This image was built without "updates"');
    if (isRunning) throw new RefusedError('An update is under way');
    isRunning = true;
    const stop = (): void => void (isRunning = false);
    const { certificate } = terms;
    const order: ExecOrder = { update: true, ...(certificate !== undefined && { certificate }) };
    const program = { ...helper, input: connection, stdin: renderValue(order) };
    spawner.spawn(program, stop).then(settleHelper, (error: unknown) => {
      stop();
      warn(`an update cannot be begun: ${errorMessage(error)}`);
    });
  };
}

/** @param pid the first process of the unit's container */
export type BeginSession = (id: string, connection: Socket, pid: number) => void;

/** Throws `RefusedError` when too many run already. The connection may be closed when it returns. */
export function createExecs(context: ExecContext): BeginSession {
  const { spawner, helper, binary, stateDirOf, containerOf, warn } = context;
  let running = 0;

  async function start(id: string, order: ExecOrder, connection: Socket): Promise<void> {
    running += 1;
    try {
      const program = { ...helper, input: connection, stdin: renderValue(order) };
      settleHelper(await spawner.spawn(program, () => (running -= 1)));
    } catch (error) {
      running -= 1;
      warn(id, `a command cannot be run in it: ${errorMessage(error)}`);
    }
  }

  return (id, connection, pid) => {
    const container = containerOf(id);
    if (container === undefined || binary === undefined)
      throw new RefusedError(`"${id}" has no container`);
    if (running >= MAX_EXECS) {
      throw new RefusedError(
        `${MAX_EXECS} commands of the control API run, which is as many as may`,
      );
    }
    const order = { id, pid, process: processSpec(container), binary, stateDir: stateDirOf(id) };
    void start(id, order, connection);
  };
}

/** Where that fails it runs as well, in PID 1's own cgroup, and ends when PID 1 is executed again. */
export function settleHelper(pid: number): void {
  try {
    writeFileSync(`/sys/fs/cgroup${EXEC_CGROUP}/cgroup.procs`, String(pid));
  } catch (error) {
    if (errnoCode(error) === undefined) throw error;
  }
}

/** The containers of an image by the ids of their units. */
export function containersById({
  services,
  onshutdown,
  ...before
}: Pick<Manifest, 'onboot' | 'volumeTasks' | 'services' | 'onshutdown'>): ReadonlyMap<
  string,
  ContainerSpec
> {
  return new Map([
    ...onbootTasks(before),
    ...services.map((service) => [service.name, service] as const),
    ...onshutdown.map((task, index) => [onshutdownId(index, task.name), task] as const),
  ]);
}
