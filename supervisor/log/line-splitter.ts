/**
 * Cuts a byte stream into lines. Pure apart from its own buffer. A line above the limit is cut there
 * and goes on as a new line, so a program that never writes a newline cannot grow PID 1. Lines for which
 * there is no room are only counted, which costs a quarter of making strings of them.
 */
export const MAX_LINE_BYTES = 8192;

/** A UTF-16 code unit is at most three bytes of UTF-8: a line that is this short is below the limit. */
const SURELY_SHORT = Math.floor(MAX_LINE_BYTES / 3);

const NEWLINE = 10;
const NOTHING = Buffer.alloc(0);

export interface Cut {
  readonly lines: string[];
  /** Lines that began when there was no room, an unfinished one included. */
  readonly dropped: number;
}

export class LineSplitter {
  private rest: Buffer = NOTHING;
  /** The unfinished line was dropped: what comes up to the next newline belongs to it. */
  private skipping = false;

  /**
   * The lines that `chunk` completes, without their newline, at most `room`. Invalid UTF-8 becomes
   * U+FFFD. `chunk` may be overwritten afterwards.
   */
  push(chunk: Buffer, room: number = Number.POSITIVE_INFINITY): Cut {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    const from = this.skipping ? this.skip(bytes) : 0;
    return this.cutAtOnce(bytes, from, room) ?? this.cutOneByOne(bytes, from, room);
  }

  /**
   * What is nearly always so: room for all, and no line near the limit. One string cut by the engine is made
   * in a third of the time of a string for each line. The pieces keep the whole alive, of at most one read
   * and one line more; of a ring of newest lines that is one read more than it holds.
   */
  private cutAtOnce(bytes: Buffer, start: number, room: number): Cut | undefined {
    const last = bytes.lastIndexOf(NEWLINE);
    if (last < start || bytes.length - last > SURELY_SHORT) return undefined;
    if (room < last - start + 1 && room < countNewlines(bytes, start)) return undefined;
    const lines = bytes.toString('utf8', start, last).split('\n');
    if (lines.some((line) => line.length > SURELY_SHORT)) return undefined;
    this.keepRest(bytes, last + 1);
    return { lines, dropped: 0 };
  }

  private cutOneByOne(bytes: Buffer, from: number, room: number): Cut {
    const lines: string[] = [];
    let start = from;
    while (lines.length < room) {
      const newline = bytes.indexOf(NEWLINE, start);
      const end = newline === -1 ? bytes.length : newline;
      if (end - start > MAX_LINE_BYTES) {
        lines.push(bytes.toString('utf8', start, start + MAX_LINE_BYTES));
        start += MAX_LINE_BYTES;
      } else if (newline === -1) {
        this.keepRest(bytes, start);
        return { lines, dropped: 0 };
      } else {
        lines.push(bytes.toString('utf8', start, newline));
        start = newline + 1;
      }
    }
    return { lines, dropped: this.drop(bytes, start) };
  }

  private keepRest(bytes: Buffer, start: number): void {
    // A copy: a view would keep the whole read buffer alive, or change under us.
    this.rest = start === bytes.length ? NOTHING : Buffer.from(bytes.subarray(start));
  }

  /** What came after the last newline, if anything; for when no more is to be expected. */
  flush(): string | undefined {
    const text = this.rest.toString('utf8');
    this.rest = NOTHING;
    this.skipping = false;
    return text === '' ? undefined : text;
  }

  /** Where the first line after the dropped one begins. */
  private skip(bytes: Buffer): number {
    const newline = bytes.indexOf(NEWLINE);
    if (newline === -1) return bytes.length;
    this.skipping = false;
    return newline + 1;
  }

  private drop(bytes: Buffer, start: number): number {
    this.rest = NOTHING;
    if (start === bytes.length) return 0;
    this.skipping = bytes[bytes.length - 1] !== NEWLINE;
    return countNewlines(bytes, start) + (this.skipping ? 1 : 0);
  }
}

function countNewlines(bytes: Buffer, start: number): number {
  let count = 0;
  let newline = bytes.indexOf(NEWLINE, start);
  for (; newline !== -1; newline = bytes.indexOf(NEWLINE, newline + 1)) count += 1;
  return count;
}
