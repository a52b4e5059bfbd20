/**
 * The shapes of the control API (docs/control-api.md): HTTP/1.1 with JSON bodies on CONTROL_SOCKET.
 * Streams (`follow=1`) are NDJSON, one object a line. Everything that shows the machine to a person or a
 * program is a client of it. Times are milliseconds of CLOCK_MONOTONIC, so 0 is when the kernel started.
 *
 *   GET  /v1/machine                               MachineInfo
 *   GET  /v1/image                                 ImageInfo
 *   GET  /v1/sbom                                  the image's bill of materials, or not-found
 *   GET  /v1/config                                the manifest (manifest.ts) without the console's password, or
 *                                                  not-found; not on READ_SOCKET
 *   GET  /v1/boot                                  BootReport
 *   GET  /v1/crash                                 CrashReport, or not-found
 *   GET  /v1/cpu                                   CpuInfo
 *   GET  /v1/memory                                MemoryInfo
 *   GET  /v1/pressure                              PressureInfo
 *   GET  /v1/disks                                 BlockDevice[]
 *   GET  /v1/mounts                                MachineMount[] as PID 1 sees them
 *   GET  /v1/network                               NetworkInterface[]
 *   GET  /v1/routes                                NetworkRoute[]
 *   GET  /v1/sockets                               ListeningSocket[]
 *   GET  /v1/usage                                 UsageSummary[] of units that run
 *   GET  /v1/services                              UnitStatus[]   tasks, services, own processes
 *   GET  /v1/services/ID                           UnitStatus
 *   GET  /v1/services/ID/health                    HealthReport, or not-found without a check
 *   GET  /v1/services/ID/processes                 ProcessInfo[]
 *   GET  /v1/services/ID/usage                     UnitUsage, or not-found while it does not run
 *   GET  /v1/services/ID/mounts                    MountInfo[]    as the unit's first process sees them
 *   GET  /v1/services/ID/logs?tail=N&follow=1      LogLine, NDJSON
 *   GET  /v1/logs?follow=1                         MachineLogLine, NDJSON   all that is in memory, by time
 *   GET  /v1/logs/kernel?tail=N&follow=1           LogLine, NDJSON          also /v1/logs/ishmael: PID 1's own
 *   GET  /v1/events?since=SEQ&follow=1             HistoryEntry, NDJSON
 *   GET  /v1/event-loop                            LoopDelay, NDJSON, once a second until left
 *   POST /v1/services/ID/start, stop, restart      202 {}
 *   POST /v1/services/ID/signal?signal=HUP         202 {}         to its first process
 *   POST /v1/services/ID/exec                      101 to EXEC_PROTOCOL   a command in its container
 *   POST /v1/poweroff, /v1/reboot                  202 {}
 *   POST /v1/resume                                202 {}         out of emergency mode
 *
 * Shapes of the machine as a whole are in api-machine.ts, of its network in api-network.ts,
 * of what units use in api-usage.ts. Failures: 4xx/5xx with `ApiError`.
 */

import type { LoadInfo, MemoryInfo } from './api-machine.ts';

export const CONTROL_SOCKET = '/run/ishmael/control.sock';
/** The same without orders. What a container gets is the directory that it lies in. */
export const READ_SOCKET = '/run/ishmael/read/control.sock';

/** `system`: a process of our own binary, such as a console, started without a container. */
export type UnitKind = 'onboot' | 'onshutdown' | 'service' | 'system';

/**
 * `waiting` not begun, `starting` until it is ready, `backoff` will be tried again, `finished` ended well and `failed` badly (a service
 * whose runtime refuses it is failed while it is tried again), `stopped` on request.
 */
export type UnitStateName =
  'waiting' | 'starting' | 'running' | 'stopping' | 'backoff' | 'finished' | 'failed' | 'stopped';

export interface UnitStatus {
  readonly id: string;
  readonly name: string;
  readonly kind: UnitKind;
  readonly image: string;
  readonly state: UnitStateName;
  /** One sentence: what it waits for, why it is not up, since when it runs. */
  readonly reason: string;
  readonly sinceMs: number;
  readonly pid?: number;
  /** How often it was started again after its first start. */
  readonly restarts: number;
  /** Only services: `none` without a health check, or while it does not run. */
  readonly health?: 'none' | HealthReport['status'];
  readonly lastExit?: ExitReport;
}

/** What the health check of a service that runs has answered. */
export interface HealthReport {
  /** `starting` until it has passed for the first time. */
  readonly status: 'starting' | 'healthy' | 'unhealthy';
  readonly failuresInRow: number;
  /** The newest five, oldest first. */
  readonly results: readonly {
    readonly atMs: number;
    readonly tookMs: number;
    readonly passed: boolean;
    /** What it printed, or why it failed; at most 4096 bytes. */
    readonly output: string;
  }[];
}

export interface ExitReport {
  readonly atMs: number;
  /**
   * What the kernel said, why that was (memory, time, health), that the runtime refused to start it, or
   * that nobody was there to see it.
   */
  readonly kind:
    'exited' | 'signaled' | 'oom-killed' | 'timed-out' | 'unhealthy' | 'not-started' | 'lost';
  readonly code?: number;
  readonly signal?: string;
  /** For people; for `not-started` the runtime's own words. */
  readonly text: string;
}

export interface LogLine {
  readonly seq: number;
  readonly atMs: number;
  readonly stream: LogStream;
  readonly text: string;
  /** As syslog counts, facility × 8 + severity; where the writer has said so. */
  readonly priority?: number;
}

/** What a unit has written to, `syslog` being its /dev/log; the last two are logs of no unit. */
export type LogStream = UnitStream | MachineLogName;
export type UnitStream = 'stdout' | 'stderr' | 'syslog';
/** `ishmael` is PID 1. */
export const MACHINE_LOG_NAMES = ['kernel', 'ishmael'] as const;
export type MachineLogName = (typeof MACHINE_LOG_NAMES)[number];

/** A line among those of the whole machine. Numbers are those of its own log. */
export interface MachineLogLine extends LogLine {
  /** The id of the unit that has written it. */
  readonly unit?: string;
}

/** One thing that happened, in order; `seq` has no gaps unless the ring dropped older entries. */
export interface HistoryEntry {
  readonly seq: number;
  readonly atMs: number;
  /** The unit, or `machine` for boot and shutdown. */
  readonly unit: string;
  readonly severity: 'info' | 'warning' | 'error';
  readonly text: string;
}

/** How late PID 1's event loop was since somebody began to follow; milliseconds. */
export interface LoopDelay {
  readonly atMs: number;
  /** How many times the loop was looked at. */
  readonly turns: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export interface BootReport {
  readonly phases: readonly BootPhaseReport[];
  /**
   * Named instants: `exec` (the kernel started /init), `script` (first line of our program), `mounts`,
   * `services` (all were asked to start), `settled` (each service ran or had failed once).
   */
  readonly milestones: Readonly<Record<string, number>>;
}

export interface BootPhaseReport {
  readonly name: string;
  readonly steps: readonly BootStepReport[];
}

export interface BootStepReport {
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly outcome: 'ok' | 'skipped' | 'failed';
  /** Why it was skipped or how it failed. */
  readonly detail?: string;
}

/** What the kernel of the machine's last run has left when it crashed. */
export interface CrashReport {
  readonly kind: 'panic' | 'oops' | 'other';
  /** The kernel's reason, in its own words. */
  readonly summary: string;
  /** ISO 8601, by the clock the machine then had; absent where the memory of it keeps no time. */
  readonly time?: string;
  /** The end of its log, oldest first, with its times in front. */
  readonly lines: readonly string[];
  /** Where all of it is, in the guest; in memory, as all of /run. */
  readonly files: readonly string[];
}

export interface MachineInfo {
  readonly image: string;
  readonly hostname: string;
  readonly kernel: string;
  /** Of the machine, in OCI's words: amd64, arm64. */
  readonly architecture: string;
  readonly uptimeMs: number;
  /** How often PID 1 was executed again after a crash; 0 on a healthy machine. */
  readonly generation: number;
  /** `emergency`: PID 1 has died again and again; nothing is supervised, containers run as they are. */
  readonly phase: 'boot' | 'onboot' | 'services' | 'stopping' | 'emergency';
  /** Only in emergency mode. */
  readonly emergency?: EmergencyReport;
  readonly load: LoadInfo;
  /** More of it at /v1/memory. */
  readonly memory: Pick<MemoryInfo, 'totalKiB' | 'availableKiB'>;
  readonly init: InitInfo;
  /** All processes of the machine in state Z, and what the reaper has collected so far. */
  readonly processes: {
    readonly total: number;
    readonly zombies: number;
    readonly orphansReaped: number;
  };
}

/** What a person needs to know to decide what to do. */
export interface EmergencyReport {
  /** Each end of PID 1, oldest first. */
  readonly deaths: readonly {
    readonly generation: number;
    readonly atMs: number;
    /** `SIGSEGV`, `process.exit(3)`. */
    readonly how: string;
  }[];
  /** The end of PID 1's own log as it was when emergency mode began, with times of the wall clock. */
  readonly log: readonly string[];
}

/** PID 1 itself, from /proc/self. */
export interface InitInfo {
  readonly rssAnonKiB: number;
  readonly rssFileKiB: number;
  readonly threads: number;
  readonly netNamespace: string;
}

export interface ProcessInfo {
  readonly pid: number;
  readonly command: string;
  readonly uid: number;
  readonly gid: number;
  readonly noNewPrivileges: boolean;
  /** The `Cap…` lines of /proc/PID/status as names. */
  readonly capabilities: Readonly<
    Record<'effective' | 'permitted' | 'inheritable' | 'bounding' | 'ambient', readonly string[]>
  >;
  /** The links of /proc/PID/ns, such as `net:[4026531840]`. */
  readonly namespaces: Readonly<Record<string, string>>;
}

export interface MountInfo {
  readonly target: string;
  readonly root: string;
  readonly fstype: string;
  readonly source: string;
  readonly options: readonly string[];
}

export interface ApiError {
  /** `refused`: understood, and possible at another time. */
  readonly code: 'not-found' | 'bad-request' | 'method-not-allowed' | 'refused' | 'internal';
  readonly message: string;
}
