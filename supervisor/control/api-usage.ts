/** The shapes of the control API that tell what units use (api.ts has the routes). */
import type { PressureInfo } from './api-machine.ts';

/** Of all processes of a unit's cgroup, since the unit was started. */
export interface UnitUsage {
  readonly id: string;
  readonly atMs: number;
  readonly cpu: {
    readonly usageUs: number;
    readonly userUs: number;
    readonly systemUs: number;
    /** Absent without a limit: how often, of how many times, and how long it had to wait for its share. */
    readonly periods?: number;
    readonly throttledPeriods?: number;
    readonly throttledUs?: number;
  };
  readonly memory: {
    readonly currentBytes: number;
    readonly peakBytes?: number;
    /** Absent without a limit. */
    readonly limitBytes?: number;
    readonly swapBytes?: number;
    readonly anonymousBytes: number;
    /** The cache of files; what lies in a tmpfs is counted here and in `shmemBytes`. */
    readonly fileBytes: number;
    readonly shmemBytes: number;
    readonly kernelBytes: number;
    /** How often each boundary was met (memory.events of cgroup-v2.rst). */
    readonly events: {
      readonly low: number;
      readonly high: number;
      readonly max: number;
      readonly oom: number;
      readonly oomKill: number;
    };
  };
  /** By disk; only those that it has used. */
  readonly io: readonly IoUsage[];
  readonly pids: { readonly current: number; readonly peak?: number; readonly limit?: number };
  readonly pressure: PressureInfo;
}

export interface IoUsage {
  /** `254:0`, see `BlockDevice` */
  readonly device: string;
  readonly readBytes: number;
  readonly writtenBytes: number;
  readonly reads: number;
  readonly writes: number;
}

/** The three numbers that a list of services shows. */
export interface UsageSummary {
  readonly id: string;
  readonly cpuUs: number;
  readonly memoryBytes: number;
  readonly pids: number;
}
