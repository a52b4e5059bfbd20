/**
 * Cuts a byte stream into lines of bounded size. Pure: chunks in, lines out. A line above the limit is
 * an error rather than a cut, because half a JSON object is worth nothing.
 */

export const MAX_LINE_BYTES: number = 256 * 1024;

export class LineTooLongError extends Error {
  override readonly name = 'LineTooLongError';
}

/** Takes chunks, returns the lines that became complete. Empty lines are left out. */
export interface LineSplitter {
  /** Throws `LineTooLongError` when an unfinished line passes the limit. */
  push(chunk: Uint8Array): readonly string[];
  /** What is left after the last line end. */
  rest(): string;
}

/** Decodes whole lines only, so a UTF-8 sequence cut between two chunks is never broken. */
export function createLineSplitter(maxLineBytes: number = MAX_LINE_BYTES): LineSplitter {
  const decoder = new TextDecoder();
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;

  function keep(part: Uint8Array): void {
    if (part.length === 0) return;
    pendingBytes += part.length;
    if (pendingBytes > maxLineBytes) {
      throw new LineTooLongError(`A line is longer than ${maxLineBytes} bytes`);
    }
    pending.push(part);
  }

  function takeLine(): string {
    const line = decoder.decode(joined(pending, pendingBytes));
    pending = [];
    pendingBytes = 0;
    return line;
  }

  return {
    push(chunk) {
      const lines: string[] = [];
      let start = 0;
      for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
        keep(chunk.subarray(start, end));
        const line = takeLine();
        if (line.trim() !== '') lines.push(line);
        start = end + 1;
      }
      keep(chunk.subarray(start));
      return lines;
    },
    rest: takeLine,
  };
}

function joined(parts: readonly Uint8Array[], bytes: number): Uint8Array {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
