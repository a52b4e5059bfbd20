/**
 * What a machine has to say that ends before its boot is over, or shortly after, when there may be no console yet: an onboot
 * task that failed, and that it reboots because of that. The kernel says it for us: it prints on each console, and what it has said is
 * in pstore too. /dev/kmsg takes few lines in a short time (printk_devkmsg, ten in five seconds).
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import type { HistoryEntry } from '../../supervisor/control/api.ts';
import type { Supervisor } from '../../supervisor/service/state.ts';
import { isConsole } from '../system-units.ts';

const LINES = 8;
/** Bytes of one record with its prefix; the kernel refuses more than about 1000 (printk.c, devkmsg_write). */
const LINE_BYTES = 900;

/** LOG_ERR of syslog(3), whatever the entry was: of less the kernel prints nothing (kernel.printk, boot/plan.ts). */
const PRIORITY = 3;

/**
 * Whether nobody can have seen on a console why the machine ends. Before the boot is over that is so for all that is
 * known; then a console that is still to come matters only where something was wrong. Pure.
 */
export function isUnseen(
  { units }: Pick<Supervisor, 'units'>,
  { isOver, hasTrouble }: { readonly isOver: boolean; readonly hasTrouble: boolean },
): boolean {
  if (!isOver) return true;
  return hasTrouble && units.some(({ id, state }) => isConsole(id) && IS_TO_COME.has(state.tag));
}

const IS_TO_COME: ReadonlySet<string> = new Set(['waiting', 'starting']);

/** The newest entries that explain an end: what went wrong, and what the machine did about it. Pure. */
export function lastWords(entries: readonly HistoryEntry[]): string[] {
  return entries
    .filter(({ unit, severity }) => severity !== 'info' || unit === 'machine')
    .slice(-LINES)
    .map(({ unit, text }) => {
      const line = `<${PRIORITY}>ishmael: ${unit}: ${text.replaceAll(/\s+/g, ' ')}`;
      return Buffer.from(line).subarray(0, LINE_BYTES).toString('utf8');
    });
}

/** Throws the errno error. */
export function sayThroughKernel(lines: readonly string[], device = '/dev/kmsg'): void {
  const fd = openSync(device, 'w');
  try {
    for (const line of lines) writeSync(fd, `${line}\n`);
  } finally {
    closeSync(fd);
  }
}
