/**
 * Tells when the kernel has written to the consoles itself, in the middle of whatever stood there. It does so
 * for errors and worse (`kernel.printk` of the boot plan), and its log is how one can know.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { LogLine } from '../control/api.ts';
import type { ControlClient } from '../control/client.ts';
import { severityOf, WARNING } from '../log/priority.ts';

/** Messages come in bursts; one repair for each is enough. */
const BURST_MS = 50;
const RETRY_MS = 5_000;

/** Runs until `signal` aborts. */
export async function watchKernel(
  client: Pick<ControlClient, 'stream'>,
  onSpoken: () => void,
  signal: AbortSignal,
): Promise<void> {
  let burst: NodeJS.Timeout | undefined;
  const look = ({ priority }: LogLine): void => {
    if (priority === undefined || severityOf(priority) >= WARNING) return;
    clearTimeout(burst);
    burst = setTimeout(onSpoken, BURST_MS).unref();
  };
  while (!signal.aborted) {
    try {
      await client.stream<LogLine>('/v1/logs/kernel?tail=0&follow=1', look, signal);
    } catch {
      // PID 1 is not there, or has no such log: nothing is repaired, and it is asked again.
    }
    await delay(RETRY_MS, undefined, { signal, ref: false }).catch(() => {
      // Aborted: the loop sees it.
    });
  }
  clearTimeout(burst);
}
