/**
 * Waits for the end of a task whose parent is a shim, however often containerd is started again meanwhile. The
 * shim keeps the exit status until somebody asks.
 */
import type { ContainerEnd } from '../runtime.ts';
import { hasGrpcCode } from './grpc-error.ts';

export interface TaskWatchContext {
  /** Resolves when it has ended; throws `GrpcError`. */
  readonly wait: () => Promise<ContainerEnd>;
  readonly processExists: (pid: number) => boolean;
}

const AGAIN_MS = 250;

/** So long a process that is gone may stay unexplained, while containerd is away. */
const UNEXPLAINED_MS = 60_000;

/** Never rejects. `lost` when nobody can say how it ended. */
export async function watchTask(
  { wait, processExists }: TaskWatchContext,
  pid: number,
  unexplainedMs: number = UNEXPLAINED_MS,
): Promise<ContainerEnd> {
  let goneMs: number | undefined;
  for (;;) {
    try {
      return await wait();
    } catch (error) {
      // Somebody has taken the task away, or its shim has died and containerd has cleaned up behind it.
      const isUnknown = hasGrpcCode(error, 'not-found');
      if (!processExists(pid)) {
        goneMs ??= performance.now();
        if (isUnknown || performance.now() - goneMs > unexplainedMs) return { kind: 'lost' };
      }
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}
