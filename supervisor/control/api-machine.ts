/** The shapes of the control API that tell of the machine as a whole (api.ts has the routes). */
import type { MountInfo } from './api.ts';

/** loadavg of proc(5). */
export interface LoadInfo {
  readonly one: number;
  readonly five: number;
  readonly fifteen: number;
  /** Threads that run or would like to, and all there are. */
  readonly runnable: number;
  readonly threads: number;
}

/** Milliseconds since boot that a processor has spent so; counted by the kernel in steps of 10. */
export interface CpuTimes {
  readonly userMs: number;
  readonly niceMs: number;
  readonly systemMs: number;
  readonly idleMs: number;
  readonly ioWaitMs: number;
  readonly irqMs: number;
  readonly softIrqMs: number;
  /** Taken by the machine that this one is a guest of. */
  readonly stealMs: number;
}

/** Counters: what happens now is the difference of two answers. */
export interface CpuInfo {
  readonly atMs: number;
  readonly load: LoadInfo;
  readonly total: CpuTimes;
  /** The processors that are online. */
  readonly cpus: readonly (CpuTimes & { readonly cpu: number })[];
  readonly contextSwitches: number;
  readonly forks: number;
  readonly running: number;
  /** Waiting for a disk. */
  readonly blocked: number;
}

/** /proc/meminfo; 0 for what the kernel does not count. */
export interface MemoryInfo {
  readonly totalKiB: number;
  readonly freeKiB: number;
  /** What could be had without swapping. */
  readonly availableKiB: number;
  readonly buffersKiB: number;
  readonly cachedKiB: number;
  /** Files of tmpfs among it: they cannot be dropped. */
  readonly shmemKiB: number;
  readonly anonymousKiB: number;
  readonly slabKiB: number;
  readonly slabReclaimableKiB: number;
  readonly kernelStackKiB: number;
  readonly pageTablesKiB: number;
  readonly dirtyKiB: number;
  readonly writebackKiB: number;
  readonly swapTotalKiB: number;
  readonly swapFreeKiB: number;
  readonly committedKiB: number;
}

/** How much of the time somebody waited for it (`some`), or nobody could go on (`full`); psi.rst. */
export interface Pressure {
  readonly some: PressureShare;
  readonly full?: PressureShare;
}

/** Percent of the last 10, 60 and 300 seconds, and microseconds since the beginning. */
export interface PressureShare {
  readonly avg10: number;
  readonly avg60: number;
  readonly avg300: number;
  readonly totalUs: number;
}

/** Without what the kernel does not measure. */
export interface PressureInfo {
  readonly cpu?: Pressure;
  readonly memory?: Pressure;
  readonly io?: Pressure;
}

/** A disk, or a partition of one. Counters are since boot. */
export interface BlockDevice {
  readonly name: string;
  /** `254:0`, as cgroup files call it. */
  readonly device: string;
  /** The disk that this is a partition of. */
  readonly parent?: string;
  readonly sizeBytes: number;
  readonly readOnly: boolean;
  readonly removable: boolean;
  readonly model?: string;
  readonly serial?: string;
  readonly reads: number;
  readonly readBytes: number;
  readonly readMs: number;
  readonly writes: number;
  readonly writtenBytes: number;
  readonly writeMs: number;
  /** Time in which something was asked of it. */
  readonly busyMs: number;
  readonly inFlight: number;
}

export interface MachineMount extends MountInfo {
  /** Without it: nothing is kept there, another mount lies above, or to ask could take for ever. */
  readonly space?: FilesystemSpace;
}

export interface FilesystemSpace {
  readonly totalBytes: number;
  readonly freeBytes: number;
  /** For others than root. */
  readonly availableBytes: number;
  /** Inodes; 0 where the filesystem has no fixed number of them. */
  readonly files: number;
  readonly filesFree: number;
}

export interface ImageInfo {
  /** As given to `ishmael build --name`. */
  readonly name: string;
  /**
   * `sha256:…` of the manifest, which names each container's image by its digest: the same digest, the same
   * containers with the same settings. Absent for an image without a readable manifest.
   */
  readonly digest?: string;
  /** Of the kernel. */
  readonly commandLine: string;
}
