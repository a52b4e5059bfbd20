/**
 * containerd's API, as much of it as we use, as typed calls. Every one throws `GrpcError`; what cannot be
 * understood is one of those, too.
 */
import type { GrpcChannel } from './grpc-channel.ts';
import { GrpcError } from './grpc-error.ts';
import {
  type ContainerdEvent,
  type ContainerRecord,
  decodeContainers,
  decodeEvent,
  decodeExitStatus,
  decodeMetrics,
  decodePid,
  decodeTasks,
  decodeVersion,
  encodeContainer,
  encodeExec,
  encodeKill,
  encodeNamespace,
  encodeProcessOf,
  encodeTask,
  encodeTexts,
  type NewContainer,
  type NewProcess,
  type NewTask,
  type TaskMetrics,
  type TaskRecord,
} from './messages.ts';
import { ProtobufError } from './protobuf.ts';

export interface CallLimits {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface ContainerdClient {
  /** Such as `1.7.24`. */
  version(limits?: CallLimits): Promise<string>;
  /** `already-exists` when it does. */
  createNamespace(limits?: CallLimits): Promise<void>;
  createContainer(container: NewContainer, limits?: CallLimits): Promise<void>;
  getContainer(id: string, limits?: CallLimits): Promise<ContainerRecord>;
  listContainers(limits?: CallLimits): Promise<readonly ContainerRecord[]>;
  deleteContainer(id: string, limits?: CallLimits): Promise<void>;
  /** Returns the pid of what will be the container's program. */
  createTask(task: NewTask, limits?: CallLimits): Promise<number>;
  /** A task, or with `execId` a command in it. */
  start(id: string, execId?: string, limits?: CallLimits): Promise<number>;
  /** Returns when it has ended: its exit status as a shell has it. */
  wait(id: string, execId?: string, limits?: CallLimits): Promise<number>;
  /** @param all whether to all processes of the container. */
  kill(id: string, signal: number, all: boolean, limits?: CallLimits): Promise<void>;
  /** `failed-precondition` for a task that runs. */
  deleteTask(id: string, limits?: CallLimits): Promise<void>;
  listTasks(limits?: CallLimits): Promise<readonly TaskRecord[]>;
  getTask(id: string, limits?: CallLimits): Promise<TaskRecord>;
  metrics(id: string, limits?: CallLimits): Promise<readonly TaskMetrics[]>;
  exec(process: NewProcess, limits?: CallLimits): Promise<void>;
  deleteExec(id: string, execId: string, limits?: CallLimits): Promise<void>;
  /** @param filters in containerd's words, such as `topic=="/tasks/exit"`; any of them. */
  subscribe(
    filters: readonly string[],
    limits?: CallLimits,
  ): AsyncGenerator<ContainerdEvent, void, undefined>;
}

const SERVICES = 'containerd.services';
const CONTAINERS = `${SERVICES}.containers.v1.Containers`;
const TASKS = `${SERVICES}.tasks.v1.Tasks`;

/** @param namespace of containerd: what the client sees and makes is in it. */
export function createContainerdClient(channel: GrpcChannel, namespace: string): ContainerdClient {
  const metadata = { 'containerd-namespace': namespace };

  async function call<T>(
    method: string,
    message: Uint8Array,
    decode: (answer: Uint8Array) => T,
    limits: CallLimits = {},
  ): Promise<T> {
    const answer = await channel.unary({ method, message, metadata, ...limits });
    return understood(method, () => decode(answer));
  }

  return {
    version: (limits) =>
      call(`${SERVICES}.version.v1.Version/Version`, NOTHING, decodeVersion, limits),
    createNamespace: (limits) =>
      call(
        `${SERVICES}.namespaces.v1.Namespaces/Create`,
        encodeNamespace(namespace),
        ignored,
        limits,
      ),
    createContainer: (container, limits) =>
      call(`${CONTAINERS}/Create`, encodeContainer(container), ignored, limits),
    getContainer: (id, limits) => {
      const method = `${CONTAINERS}/Get`;
      return call(method, encodeTexts([id]), (a) => only(method, decodeContainers(a)), limits);
    },
    listContainers: (limits) => call(`${CONTAINERS}/List`, NOTHING, decodeContainers, limits),
    deleteContainer: (id, limits) =>
      call(`${CONTAINERS}/Delete`, encodeTexts([id]), ignored, limits),
    createTask: (task, limits) =>
      call(`${TASKS}/Create`, encodeTask(task), (answer) => decodePid(answer, 2), limits),
    start: (id, execId, limits) =>
      call(`${TASKS}/Start`, encodeProcessOf(id, execId), (answer) => decodePid(answer, 1), limits),
    wait: (id, execId, limits) =>
      call(`${TASKS}/Wait`, encodeProcessOf(id, execId), decodeExitStatus, limits),
    kill: (id, signal, all, limits) =>
      call(`${TASKS}/Kill`, encodeKill(id, signal, all), ignored, limits),
    deleteTask: (id, limits) => call(`${TASKS}/Delete`, encodeTexts([id]), ignored, limits),
    listTasks: (limits) => call(`${TASKS}/List`, NOTHING, decodeTasks, limits),
    getTask: (id, limits) => {
      const method = `${TASKS}/Get`;
      return call(
        method,
        encodeProcessOf(id),
        (answer) => only(method, decodeTasks(answer)),
        limits,
      );
    },
    metrics: (id, limits) =>
      call(`${TASKS}/Metrics`, encodeTexts([`id==${id}`]), decodeMetrics, limits),
    exec: (process, limits) => call(`${TASKS}/Exec`, encodeExec(process), ignored, limits),
    deleteExec: (id, execId, limits) =>
      call(`${TASKS}/DeleteProcess`, encodeProcessOf(id, execId), ignored, limits),
    async *subscribe(filters, limits) {
      const method = `${SERVICES}.events.v1.Events/Subscribe`;
      const stream = channel.stream({ method, message: encodeTexts(filters), metadata, ...limits });
      for await (const message of stream) yield understood(method, () => decodeEvent(message));
    },
  };
}

const NOTHING = new Uint8Array();

function ignored(): void {}

function only<T>(method: string, [found]: readonly T[]): T {
  if (found !== undefined) return found;
  throw new GrpcError('garbage', method, `${method}: nothing in the answer`);
}

function understood<T>(method: string, decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    if (!(cause instanceof ProtobufError)) throw cause;
    throw new GrpcError('garbage', method, `${method}: ${cause.message}`, { cause });
  }
}
