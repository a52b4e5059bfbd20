/** A line as memlogd of LinuxKit keeps and tells it, and what its logs are called. Pure. */
import type { MachineLogLine } from '../control/api.ts';

export interface Entry {
  /** RFC 3339. */
  readonly time: string;
  readonly source: string;
  readonly msg: string;
}

/** memlogd's own limits. */
export const MAX_ENTRIES = 5000;
export const MAX_MESSAGE = 1024;

export function entryOf(source: string, text: string, wallMs: number): Entry {
  return { time: new Date(wallMs).toISOString(), source, msg: text.slice(0, MAX_MESSAGE) };
}

/** `redis` for what a service writes to its standard error, `redis.out` for the other; `onboot.000-dhcpcd`, `shutdown.000-bye`. */
export function sourceOf({ unit, stream }: Pick<MachineLogLine, 'unit' | 'stream'>): string {
  if (unit === undefined) return stream;
  const name = unit
    .replace(/^onshutdown-(?=\d{3}-)/, 'shutdown.')
    .replace(/^(?=\d{3}-)/, 'onboot.');
  return stream === 'stdout' ? `${name}.out` : name;
}
