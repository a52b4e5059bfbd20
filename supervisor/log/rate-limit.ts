/**
 * How many lines a unit may log: so many in each window of time, the rest is counted. A window begins
 * with the first line after the last one, so a unit that logs a lot at its start and little later loses
 * nothing. Pure apart from its own counters; time is an argument.
 */
export interface RateWindow {
  readonly lines: number;
  readonly intervalMs: number;
}

/** JSON has no word for infinity, and the rule travels in the manifest. */
export type RateRule = RateWindow | 'unlimited';

/** journald's numbers, which users know. */
export const DEFAULT_RATE: RateWindow = { lines: 10_000, intervalMs: 30_000 };

/** A window that is always over and holds everything. */
const UNLIMITED: RateWindow = { lines: Number.POSITIVE_INFINITY, intervalMs: 0 };

export class RateLimit {
  private readonly rule: RateWindow;
  private endMs = Number.NEGATIVE_INFINITY;
  private kept = 0;
  private dropped = 0;

  constructor(rule: RateRule = DEFAULT_RATE) {
    this.rule = rule === 'unlimited' ? UNLIMITED : rule;
  }

  /** How many more lines may be kept now. Opens the next window when the last one is over. */
  room(nowMs: number): number {
    if (nowMs >= this.endMs) {
      this.endMs = nowMs + this.rule.intervalMs;
      this.kept = 0;
    }
    return this.rule.lines - this.kept;
  }

  /** Notes what became of the lines that came since `room` was asked. */
  count(kept: number, dropped: number): void {
    this.kept += kept;
    this.dropped += dropped;
  }

  /** When `takeReport` will have something to say; for a timer that is to ask it. */
  get reportDueMs(): number | undefined {
    return this.dropped === 0 ? undefined : this.endMs;
  }

  /** The sentence about dropped lines, once, after the window in which they were dropped. */
  takeReport(nowMs: number): string | undefined {
    if (this.dropped === 0 || nowMs < this.endMs) return undefined;
    const { lines, intervalMs } = this.rule;
    const text = `${this.dropped} lines dropped: above ${lines} in ${intervalMs / 1000} s`;
    this.dropped = 0;
    return text;
  }
}
