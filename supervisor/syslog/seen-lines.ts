/**
 * Which lines of the machine's logs have been seen: a follower that comes back is given all that is kept
 * once more, and by the numbers it knows what is new to it and what it has missed. Pure apart from its own
 * numbers.
 */
import type { MachineLogLine } from '../control/api.ts';

export class SeenLines {
  private readonly newest = new Map<string, number>();

  /** How many were missed before this line; `undefined` for one that was seen before. */
  see({ unit, stream, seq }: MachineLogLine): number | undefined {
    // The logs of no unit are told apart by their stream, which no unit's line has.
    const log = unit === undefined ? stream : `unit ${unit}`;
    const last = this.newest.get(log);
    if (last !== undefined && seq <= last) return undefined;
    this.newest.set(log, seq);
    // Of what was dropped before there was anybody to see it nothing is known.
    return last === undefined ? 0 : seq - last - 1;
  }

  /** Another generation of PID 1 counts from 1 again. */
  forget(): void {
    this.newest.clear();
  }
}
