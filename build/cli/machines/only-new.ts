/**
 * Which items of followed streams were not shown yet, across lost connections and executions of PID 1. Pure.
 * Numbers begin again with each execution; the clock is the kernel's and goes on.
 */

export interface Numbered {
  readonly seq: number;
  readonly atMs: number;
}

export interface OnlyNew {
  /** @param log whose numbers they are */
  isNew(log: string, item: Numbered): boolean;
  /** PID 1 was executed again. */
  beginAgain(): void;
}

export function onlyNew(): OnlyNew {
  const last = new Map<string, Numbered>();
  return {
    isNew(log, item) {
      const known = last.get(log);
      // After an execution `seq` is 0 and the time is what was shown last.
      if (known !== undefined && item.seq <= known.seq) return false;
      if (known?.seq === 0 && item.atMs <= known.atMs) return false;
      last.set(log, { seq: item.seq, atMs: Math.max(item.atMs, known?.atMs ?? 0) });
      return true;
    },
    beginAgain() {
      for (const [log, { atMs }] of last) last.set(log, { seq: 0, atMs });
    },
  };
}
