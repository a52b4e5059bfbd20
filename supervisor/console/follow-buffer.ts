/**
 * Lines that come faster than a terminal takes them: the newest are kept, and how many were not is told. Pure.
 * Whoever writes them is never waited for, and a person who follows wants what is true now.
 */

export interface FollowBuffer {
  push(lines: readonly string[]): void;
  /** The next lines to show, at most `most`; a notice comes first where some had to be left out. */
  take(most: number): readonly string[];
}

export function createFollowBuffer(capacity: number): FollowBuffer {
  let lines: string[] = [];
  let skipped = 0;
  return {
    push(more) {
      lines.push(...more);
      // Seldom and a lot at once: to remove the first of many for each line costs more than all else.
      if (lines.length <= 2 * capacity) return;
      skipped += lines.length - capacity;
      lines = lines.slice(-capacity);
    },
    take(most) {
      const notice = skipped === 0 ? [] : [skippedText(skipped)];
      skipped = 0;
      return [...notice, ...lines.splice(0, most)];
    },
  };
}

function skippedText(count: number): string {
  return `[${count === 1 ? '1 line' : `${count} lines`} skipped: they come faster than this terminal shows them]`;
}
