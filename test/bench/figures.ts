/** What one boot of one machine was found to be. Plain data: `--json` writes it as it is. */

import type { BootReport } from '../../supervisor/control/api.ts';
import type { OwnProcess } from './observer.ts';

/** Instants of a boot, in milliseconds after the kernel handed over to /init. */
export interface Instants {
  /** PID 1's process as Node sees its start: the program is loaded, its libraries are not yet. */
  readonly nodeStart?: number;
  /** The first line of our JavaScript; of the baseline's script. */
  readonly program: number;
  readonly mounts: number;
  /** Everything is prepared, the first container is asked for. */
  readonly services: number;
  /** By Redis' own log: its first line, and the one that says it listens. */
  readonly redisBegan: number;
  readonly redisReady: number;
  /** A PING through the forwarded port was answered. */
  readonly pong: number;
}

export interface Boot {
  /** From QEMU's start, by the host's clock: firmware, kernel, unpacking of the initrd. */
  readonly qemuToInitMs: number;
  /** The kernel's own stamp on the line that says it runs /init. */
  readonly kernelStampMs: number;
  readonly sinceInit: Instants;
  /** MemTotal − MemAvailable, the same time after the first PONG on both machines. Ours: whole MiB. */
  readonly memoryUsedKiB: number;
  /** PID 1, at that moment. */
  /** The same with a host connected to the control API, which the baseline has not. */
  readonly connectedMemoryUsedKiB?: number;
  readonly initRssAnonKiB: number;
  readonly initThreads: number;
  /** Our own account of the boot; the baseline keeps none. */
  readonly report?: BootReport;
}

export interface ImageBytes {
  readonly kernel: number;
  readonly initrd: number;
}

export interface Results {
  readonly rounds: number;
  readonly ishmael: readonly Boot[];
  readonly busybox: readonly Boot[];
  readonly images: {
    readonly ishmael: ImageBytes;
    readonly busybox: ImageBytes;
    /** Our initrd without the redis service. */
    readonly initrdWithoutRedis: number;
  };
  readonly warmBuildMs: readonly number[];
  /** From a machine with an observer in it. */
  readonly ownProcesses: readonly OwnProcess[];
}
