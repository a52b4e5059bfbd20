/**
 * The messages of containerd's API that we exchange, by field number. Pure. Source: the .proto files below api/
 * of containerd 1.6 and 1.7, which do not differ in any of these; services/{version,namespaces,containers,
 * tasks,events}/v1, types/, runtime/v2/runc/options.
 */
import { decodeMessage, encodeMessage, type Field, type ProtoMessage } from './protobuf.ts';

/** google.protobuf.Any. */
export interface TypedValue {
  readonly typeUrl: string;
  readonly value: Uint8Array;
}

/** The type of the OCI spec, whose value is the text of a config.json. */
const SPEC_TYPE = 'types.containerd.io/opencontainers/runtime-spec/1/Spec';
const PROCESS_TYPE = 'types.containerd.io/opencontainers/runtime-spec/1/Process';
const RUNC_OPTIONS_TYPE = 'containerd.runc.v1.Options';

export const RUNC_SHIM = 'io.containerd.runc.v2';

export interface NewContainer {
  readonly id: string;
  /** The text of its config.json. */
  readonly spec: string;
  readonly runtime: RuncOptions;
}

/** What the shim is told of the OCI runtime. */
export interface RuncOptions {
  /** The program: runc, or crun. */
  readonly binary: string;
  /** Below the cgroup2 mount, and there already: where the shim itself goes. */
  readonly shimCgroup: string;
}

export interface ContainerRecord {
  readonly id: string;
  /** The name of the shim. */
  readonly runtime: string;
}

export interface NewTask {
  readonly id: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly terminal: boolean;
}

export interface NewProcess {
  readonly id: string;
  readonly execId: string;
  /** The text of a process.json. */
  readonly process: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly terminal: boolean;
}

export type TaskStatus = 'unknown' | 'created' | 'running' | 'stopped' | 'paused' | 'pausing';

export interface TaskRecord {
  readonly id: string;
  readonly pid: number;
  readonly status: TaskStatus;
  /** Of a stopped one: as a shell has it, 128 and the signal's number for one that was killed. */
  readonly exitStatus: number;
}

export interface TaskMetrics {
  readonly id: string;
  /** `io.containerd.cgroups.v2.Metrics`, say. */
  readonly data: TypedValue;
}

export interface ContainerdEvent {
  readonly namespace: string;
  /** `/tasks/exit`, say. */
  readonly topic: string;
  readonly event: TypedValue;
}

export function encodeNamespace(name: string): Uint8Array {
  return encodeMessage([[1, encodeMessage([[1, name]])]]);
}

export function encodeContainer({ id, spec, runtime }: NewContainer): Uint8Array {
  const options: Field[] = [
    [3, runtime.shimCgroup],
    [6, runtime.binary],
  ];
  const shim = encodeMessage([
    [1, RUNC_SHIM],
    [2, encodeAny(RUNC_OPTIONS_TYPE, encodeMessage(options))],
  ]);
  const container = encodeMessage([
    [1, id],
    [4, shim],
    [5, encodeAny(SPEC_TYPE, Buffer.from(spec))],
  ]);
  return encodeMessage([[1, container]]);
}

/** Without anything to be mounted: the spec says where the root is. */
export function encodeTask({ id, stdout, stderr, terminal }: NewTask): Uint8Array {
  // A terminal is one stream, and the shim refuses a second.
  return encodeMessage([
    [1, id],
    [5, stdout],
    [6, terminal ? '' : stderr],
    [7, terminal],
  ]);
}

export function encodeExec(exec: NewProcess): Uint8Array {
  return encodeMessage([
    [1, exec.id],
    [3, exec.stdout],
    [4, exec.terminal ? '' : exec.stderr],
    [5, exec.terminal],
    [6, encodeAny(PROCESS_TYPE, Buffer.from(exec.process))],
    [7, exec.execId],
  ]);
}

/** Start, Wait, Get and DeleteProcess have the same two fields. */
export function encodeProcessOf(id: string, execId = ''): Uint8Array {
  return encodeMessage([
    [1, id],
    [2, execId],
  ]);
}

export function encodeKill(id: string, signal: number, all: boolean): Uint8Array {
  return encodeMessage([
    [1, id],
    [3, signal],
    [4, all],
  ]);
}

/** A list of filters (metrics, events), or the only text of a message. */
export function encodeTexts(texts: readonly string[]): Uint8Array {
  return encodeMessage([[1, texts]]);
}

export function decodeVersion(bytes: Uint8Array): string {
  return decodeMessage(bytes).text(1);
}

export function decodeContainers(bytes: Uint8Array): readonly ContainerRecord[] {
  return decodeMessage(bytes).messages(1).map(containerOf);
}

function containerOf(message: ProtoMessage): ContainerRecord {
  return { id: message.text(1), runtime: message.message(4).text(1) };
}

export function decodePid(bytes: Uint8Array, field: number): number {
  return decodeMessage(bytes).number(field);
}

export function decodeExitStatus(bytes: Uint8Array): number {
  return decodeMessage(bytes).number(1);
}

const STATUSES: readonly TaskStatus[] = [
  'unknown',
  'created',
  'running',
  'stopped',
  'paused',
  'pausing',
];

/** The process of Get, or those of List. */
export function decodeTasks(bytes: Uint8Array): readonly TaskRecord[] {
  return decodeMessage(bytes)
    .messages(1)
    .map((task) => ({
      id: task.text(2),
      pid: task.number(3),
      status: STATUSES[task.number(4)] ?? 'unknown',
      exitStatus: task.number(9),
    }));
}

export function decodeMetrics(bytes: Uint8Array): readonly TaskMetrics[] {
  return decodeMessage(bytes)
    .messages(1)
    .map((metric) => ({ id: metric.text(2), data: decodeAny(metric.message(3)) }));
}

export function decodeEvent(bytes: Uint8Array): ContainerdEvent {
  const envelope = decodeMessage(bytes);
  return {
    namespace: envelope.text(2),
    topic: envelope.text(3),
    event: decodeAny(envelope.message(4)),
  };
}

function encodeAny(typeUrl: string, value: Uint8Array): Uint8Array {
  return encodeMessage([
    [1, typeUrl],
    [2, value],
  ]);
}

function decodeAny(any: ProtoMessage): TypedValue {
  return { typeUrl: any.text(1), value: any.bytes(2) };
}
