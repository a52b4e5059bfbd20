/**
 * Which process a number means. A pid alone is not enough: the kernel gives it to somebody else when its
 * owner has ended. With the time of its start, and the host's boot that time counts from, it is.
 */
import { readFile } from 'node:fs/promises';
import { parseProcessStat } from './process-stat.ts';

export interface ProcessIdentity {
  readonly pid: number;
  readonly startTicks: number;
  readonly bootId: string;
}

/** `undefined` when no such process runs. */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  const [line, bootId] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''),
    readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => ''),
  ]);
  const stat = parseProcessStat(line);
  if (stat === undefined || stat.state === 'Z' || stat.state === 'X') return undefined;
  return { pid, startTicks: stat.startTicks, bootId: bootId.trim() };
}

/** Whether exactly this process still runs. */
export async function isAlive(process: ProcessIdentity): Promise<boolean> {
  const now = await identify(process.pid);
  return now?.startTicks === process.startTicks && now.bootId === process.bootId;
}
