/**
 * The share of PID 1's time that reading logs may take, all units together: half of it, in portions of a
 * few milliseconds, so that timers and health checks come in between. Pure; times are arguments.
 *
 * Above it the reader pauses and the kernel's pipe fills, so the writer waits: only one that writes
 * faster than PID 1 can throw away (well above 100 MB/s on hardware) ever notices. The other choice,
 * reading on at any price, would take a whole core from the neighbours for output nobody keeps; and
 * to let the writer wait as soon as it is over its rate would stop a service for half a minute for
 * being talkative.
 */
const PORTION_MS = 4;
const SHARE = 0.5;

export class ReadShare {
  private startMs = 0;
  private endMs = Number.NEGATIVE_INFINITY;
  private usedMs = 0;

  /**
   * Notes that a reader was busy between two times. Returns for how long it is to pause: 0 as long as
   * the portion lasts. A reader is asked after it has read, so each gets something of each portion.
   */
  spend(fromMs: number, toMs: number): number {
    if (fromMs >= this.endMs) {
      this.startMs = fromMs;
      this.usedMs = 0;
    }
    this.usedMs += toMs - fromMs;
    this.endMs = this.startMs + Math.max(PORTION_MS, this.usedMs) / SHARE;
    return this.usedMs < PORTION_MS ? 0 : Math.max(1, this.endMs - toMs);
  }
}

/** One event loop, one share: whoever reads what containers write asks this one. */
export const readShare: ReadShare = new ReadShare();
