/**
 * Cuts a byte stream into lines. Pure apart from its own buffer. A line above the limit is cut there
 * and goes on as a new line, so a program that never writes a newline cannot grow PID 1.
 */
export const MAX_LINE_BYTES = 8192;

const NEWLINE = 10;

export class LineSplitter {
  private rest: Buffer = Buffer.alloc(0);

  /** The lines that `chunk` completes, without their newline. Invalid UTF-8 becomes U+FFFD. */
  push(chunk: Buffer): string[] {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    const lines: string[] = [];
    let start = 0;
    for (;;) {
      const newline = bytes.indexOf(NEWLINE, start);
      const end = newline === -1 ? bytes.length : newline;
      while (end - start > MAX_LINE_BYTES) {
        lines.push(bytes.toString('utf8', start, start + MAX_LINE_BYTES));
        start += MAX_LINE_BYTES;
      }
      if (newline === -1) break;
      lines.push(bytes.toString('utf8', start, newline));
      start = newline + 1;
    }
    // A copy: a view would keep the whole 64 KiB read buffer alive for a few bytes.
    this.rest = Buffer.from(bytes.subarray(start));
    return lines;
  }

  /** What came after the last newline, if anything; for when no more is to be expected. */
  flush(): string | undefined {
    const text = this.rest.toString('utf8');
    this.rest = Buffer.alloc(0);
    return text === '' ? undefined : text;
  }
}
