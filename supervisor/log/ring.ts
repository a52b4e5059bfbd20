/**
 * The newest lines of one log, bounded in bytes. Lines are numbered without gaps, so that a reader who
 * comes back sees what it missed.
 */
import type { LogLine } from '../control/api.ts';

export const RING_BYTES = 65_536;

/** What a kept line costs beside its text: the object and its place in the array. */
const LINE_OVERHEAD = 64;

export class LogRing {
  private readonly limit: number;
  private lines: LogLine[] = [];
  /** Index of the oldest kept line: dropping by index and compacting rarely beats shift() per line. */
  private first = 0;
  private bytes = 0;
  private nextSeq = 1;
  private readonly listeners = new Set<(line: LogLine) => void>();

  constructor(limit: number = RING_BYTES) {
    this.limit = limit;
  }

  add(atMs: number, stream: LogLine['stream'], text: string, priority?: number): void {
    const line: LogLine =
      priority === undefined
        ? { seq: this.nextSeq, atMs, stream, text }
        : { seq: this.nextSeq, atMs, stream, text, priority };
    this.nextSeq += 1;
    this.lines.push(line);
    this.bytes += cost(line);
    while (this.bytes > this.limit && this.first < this.lines.length - 1) {
      const oldest = this.lines[this.first];
      if (oldest !== undefined) this.bytes -= cost(oldest);
      this.first += 1;
    }
    // Soon: what was dropped is in memory until then, up to 8 KiB a line.
    if (this.first > 16 && this.first > this.lines.length / 2) {
      this.lines = this.lines.slice(this.first);
      this.first = 0;
    }
    for (const listener of this.listeners) listener(line);
  }

  /** The newest `count` lines, oldest first. */
  recent(count: number): LogLine[] {
    return this.lines.slice(Math.max(this.first, this.lines.length - count));
  }

  /** Calls `listener` for every line from now on, until the returned function is called. */
  follow(listener: (line: LogLine) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

function cost(line: LogLine): number {
  return line.text.length + LINE_OVERHEAD;
}
