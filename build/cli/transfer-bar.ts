/** A transfer in one line of a terminal. Pure. */
import type { Transfer } from '../progress.ts';

const BAR = 24;

/** @param columns of the terminal, of which the last stays free: writing there may wrap */
export function transferBar({ name, bytes, total }: Transfer, columns: number): string {
  const room = columns - 1;
  if (total === undefined || total <= 0) return `${name}: ${megabytes(bytes)} MB`.slice(0, room);
  const share = Math.min(1, bytes / total);
  const full = Math.floor(share * BAR);
  const bar = `[${'#'.repeat(full)}${'.'.repeat(BAR - full)}]`;
  const numbers = `${megabytes(Math.min(bytes, total))} of ${megabytes(total)} MB`;
  const rest = ` ${bar} ${numbers}`;
  // The numbers say more than the name does.
  return `${name.slice(0, Math.max(0, room - rest.length))}${rest}`.slice(0, room);
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
