/** What `--json` prints about machines; docs/cli.md has the shapes. Pure. */
import { socketPaths } from '../../machine/machine-paths.ts';
import type { MachineEnd } from '../../machine/machine-record.ts';
import type { Machine } from '../../machine/machine-registry.ts';
import type { PortForward } from '../../run/port-forward.ts';

export interface MachineJson {
  readonly name: string;
  readonly image: string;
  readonly state: Machine['state'];
  /** ISO 8601. */
  readonly startedAt: string;
  readonly uptimeMs?: number;
  /** QEMU's. */
  readonly pid?: number;
  readonly ports: readonly PortForward[];
  readonly memoryMiB: number;
  readonly cpus: number;
  readonly consoleLog: string;
  /** The guest's control API, over HTTP/1.1. */
  readonly socket: string;
  readonly end?: MachineEnd;
}

export function machineJson({ record, state, end }: Machine, nowMs: number): MachineJson {
  const runs = state !== 'ended';
  return {
    name: record.name,
    image: record.image,
    state,
    startedAt: new Date(record.startedAtMs).toISOString(),
    ...(runs ? { uptimeMs: nowMs - record.startedAtMs } : {}),
    ...(runs && record.qemu !== undefined ? { pid: record.qemu.pid } : {}),
    ports: record.qemu?.ports ?? [],
    memoryMiB: record.memoryMiB,
    cpus: record.cpus,
    consoleLog: record.consoleLog,
    socket: socketPaths(record.sockets).api,
    ...(end === undefined ? {} : { end }),
  };
}

/** One value for a person or a program to read. */
export function renderJson(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
