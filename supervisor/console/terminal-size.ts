/**
 * Asks a terminal for its size: a serial line has none. The cursor is sent further than any terminal reaches
 * and asked where it is; what answers is a terminal of the VT100's family, with its size and its colours.
 * What does not answer is taken for 80 columns by 24 rows without any of that, and soon left in peace.
 */

export interface TerminalSize {
  readonly rows: number;
  readonly columns: number;
}

export interface SizeQuery {
  /** Resolves when the terminal has answered, or when it is late; a late answer still counts. */
  ask(): Promise<void>;
  /** What a key decoder took for an answer. */
  answered(size: TerminalSize): void;
  /** Another terminal may be at the line now: it is asked again. */
  reset(): void;
}

/** Save the cursor, go far, report the position, restore the cursor (VT100: DECSC, CUP, DSR 6, DECRC). */
export const QUERY = '\x1b7\x1b[999;999H\x1b[6n\x1b8';
/** What a terminal shows that does not know these. */
const ERASE_REMAINS = `\r${' '.repeat(QUERY.length)}\r`;

/** At 9600 baud, question and answer take 35 ms; a person notices 100. */
const LIMIT_MS = 80;
/** Behind this, it is no answer but something else that looks like one. */
const LATE_MS = 5_000;
const MAX_SILENT = 2;

const SENSIBLE = { rows: [4, 500], columns: [20, 1_000] } as const;

export function createSizeQuery(
  write: (text: string) => void,
  onSize: (size: TerminalSize) => void,
): SizeQuery {
  let silent = 0;
  let pending: (() => void) | undefined;
  let expected: NodeJS.Timeout | undefined;

  function stopExpecting(): void {
    clearTimeout(expected);
    expected = undefined;
  }

  return {
    async ask() {
      if (silent >= MAX_SILENT) return;
      silent += 1;
      stopExpecting();
      expected = setTimeout(stopExpecting, LATE_MS).unref();
      write(QUERY);
      const isAnswered = await new Promise<boolean>((resolve) => {
        const limit = setTimeout(() => resolve(false), LIMIT_MS);
        pending = () => {
          clearTimeout(limit);
          resolve(true);
        };
      });
      pending = undefined;
      if (!isAnswered) write(ERASE_REMAINS);
    },
    answered(size) {
      if (expected === undefined || !isSensible(size)) return;
      stopExpecting();
      silent = 0;
      onSize(size);
      pending?.();
    },
    reset() {
      silent = 0;
    },
  };
}

function isSensible(size: TerminalSize): boolean {
  return (['rows', 'columns'] as const).every((side) => {
    const [least, most] = SENSIBLE[side];
    return size[side] >= least && size[side] <= most;
  });
}
