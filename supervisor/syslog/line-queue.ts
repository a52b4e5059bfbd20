/**
 * Lines that wait for a receiver, bounded: above the limit the oldest give way and are counted. Pure apart
 * from its own list.
 */
import type { MachineLogLine } from '../control/api.ts';

/** Enough for what a hundred units keep in memory while there is no network. */
export const QUEUE_BYTES = 4_194_304;

/** What a line costs beside its text. */
const LINE_OVERHEAD = 128;

export class LineQueue {
  private readonly limit: number;
  private lines: MachineLogLine[] = [];
  /** Index of the oldest: dropping by index and compacting rarely beats shift() per line. */
  private first = 0;
  private bytes = 0;
  private lostCount = 0;

  constructor(limit: number = QUEUE_BYTES) {
    this.limit = limit;
  }

  push(line: MachineLogLine): void {
    this.lines.push(line);
    this.bytes += cost(line);
    while (this.bytes > this.limit && this.first < this.lines.length - 1) {
      this.shift();
      this.lostCount += 1;
    }
  }

  /** Lines that did not even come as far as this. */
  countLost(count: number): void {
    this.lostCount += count;
  }

  /** How many were lost since `takeLost`. */
  get lost(): number {
    return this.lostCount;
  }

  /** Those have been told. */
  takeLost(count: number): void {
    this.lostCount -= count;
  }

  /** The oldest, which stays. */
  peek(): MachineLogLine | undefined {
    return this.lines[this.first];
  }

  shift(): void {
    const line = this.lines[this.first];
    if (line === undefined) return;
    this.bytes -= cost(line);
    this.first += 1;
    if (this.first < 1024 || this.first < this.lines.length / 2) return;
    this.lines = this.lines.slice(this.first);
    this.first = 0;
  }
}

function cost(line: MachineLogLine): number {
  return line.text.length + LINE_OVERHEAD;
}
