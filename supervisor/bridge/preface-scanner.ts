/**
 * Recognises where a new HTTP/2 client begins in the bytes from the host. Pure.
 *
 * The virtio port does not always say that one client went and another came: when both happen before the
 * guest reads, there is no end of file between them. What can be relied on is that each client begins
 * with the connection preface of RFC 9113 §3.4, and that no body of our requests has it: only those of an
 * exec have any, and they are cut where it would be (exec/frame.ts).
 */

export const CLIENT_PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

/** `start` begins a new conversation, whose first bytes are the preface and then `bytes`. */
export interface ScannedPart {
  readonly start: boolean;
  readonly bytes: Uint8Array;
}

export interface PrefaceScanner {
  /**
   * Nothing is held back, even when it may be the beginning of a preface: a frame may end in `P`, and
   * waiting for more would stop a healthy conversation. A preface cut in two therefore reaches the old
   * conversation partly, which ends at that moment anyway.
   */
  push(chunk: Uint8Array): readonly ScannedPart[];
  /** Forgets a half-seen preface, after an end of file. */
  reset(): void;
}

const PATTERN: readonly number[] = Array.from(CLIENT_PREFACE, (char) => char.charCodeAt(0));

/** Knuth-Morris-Pratt: how much of the pattern still matches after `length` bytes matched and the next did not. */
const FALLBACK: readonly number[] = fallbackTable(PATTERN);

export function createPrefaceScanner(): PrefaceScanner {
  let matched = 0;
  return {
    push(chunk) {
      const parts: ScannedPart[] = [];
      let from = 0;
      let start = false;
      for (let at = 0; at < chunk.length; at += 1) {
        matched = advance(matched, chunk[at] ?? 0);
        if (matched < PATTERN.length) continue;
        const before = chunk.subarray(from, Math.max(from, at + 1 - PATTERN.length));
        if (start || before.length > 0) parts.push({ start, bytes: before });
        start = true;
        from = at + 1;
        matched = 0;
      }
      if (start || from < chunk.length) parts.push({ start, bytes: chunk.subarray(from) });
      return parts;
    },
    reset() {
      matched = 0;
    },
  };
}

function advance(matched: number, byte: number): number {
  let length = matched;
  while (length > 0 && PATTERN[length] !== byte) length = FALLBACK[length] ?? 0;
  return PATTERN[length] === byte ? length + 1 : 0;
}

function fallbackTable(pattern: readonly number[]): number[] {
  const table = [0, 0];
  for (let end = 1; end < pattern.length; end += 1) {
    let length = table[end] ?? 0;
    while (length > 0 && pattern[length] !== pattern[end]) length = table[length] ?? 0;
    table.push(pattern[length] === pattern[end] ? length + 1 : 0);
  }
  return table;
}
