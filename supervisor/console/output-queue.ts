/**
 * What waits to be written to a slow terminal, bounded. Pure. When it is full, the oldest whole lines
 * give way and their number is told, because a person who comes back to a stopped terminal wants what
 * is true now.
 */

export interface OutputQueue {
  /** `text` is written or dropped as a whole. */
  push(text: string | Uint8Array): void;
  /** The next bytes, at most `maxBytes`; empty when nothing waits. */
  peek(maxBytes: number): Uint8Array;
  /** The first `bytes` of what `peek` gave have been written. */
  consume(bytes: number): void;
  /** Drops what has not begun to be written. */
  clear(): void;
  readonly bytes: number;
}

export function createOutputQueue(maxBytes: number): OutputQueue {
  let frames: Uint8Array[] = [];
  let bytes = 0;
  let dropped = 0;
  let isHeadBegun = false;

  function dropAfterHead(enough: () => boolean): void {
    const keep = isHeadBegun ? 1 : 0;
    while (frames.length > keep && !enough()) {
      const [frame] = frames.splice(keep, 1);
      if (frame === undefined) return;
      bytes -= frame.length;
      if (frame.includes(10)) dropped += 1;
    }
  }

  function tellDropped(): void {
    if (dropped === 0 || isHeadBegun) return;
    const lines = dropped === 1 ? '1 line was' : `${dropped} lines were`;
    const notice = Buffer.from(`\r[${lines} dropped: the terminal is too slow]\n`);
    dropped = 0;
    frames.unshift(notice);
    bytes += notice.length;
  }

  return {
    push(text) {
      if (text.length === 0) return;
      const frame = typeof text === 'string' ? Buffer.from(text) : text;
      frames.push(frame);
      bytes += frame.length;
      dropAfterHead(() => bytes <= maxBytes);
    },
    peek(limit) {
      tellDropped();
      return frames[0]?.subarray(0, limit) ?? new Uint8Array();
    },
    consume(count) {
      const [head] = frames;
      if (head === undefined || count === 0) return;
      bytes -= count;
      isHeadBegun = count < head.length;
      if (isHeadBegun) frames[0] = head.subarray(count);
      else frames.shift();
    },
    clear() {
      frames = isHeadBegun ? frames.slice(0, 1) : [];
      bytes = frames[0]?.length ?? 0;
      dropped = 0;
    },
    get bytes() {
      return bytes;
    },
  };
}
