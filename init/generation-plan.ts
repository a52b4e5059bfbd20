/**
 * What PID 1 is to be after it has died: another try, an emergency console, or nothing. Pure.
 *
 *   this one  | how it ends                             | the next one
 *   ----------+-----------------------------------------+----------------------------------------------
 *   normal    | dies                                    | normal: adopts what runs
 *   normal    | dies, the fifth time within a minute    | emergency: executing it again does not help
 *   emergency | dies                                    | emergency
 *   emergency | dies, the fifth time within a minute    | given up: the kernel starts over from nothing
 *   emergency | a person resumes                        | normal, with everything forgotten
 */

export type Mode = 'normal' | 'emergency' | 'given up';

/** How one generation has ended. */
export interface Death {
  readonly generation: number;
  readonly mode: Mode;
  /** CLOCK_MONOTONIC, when the next one began. */
  readonly atMs: number;
  /** `SIGSEGV`, `process.exit(3)`, `an empty event loop`. */
  readonly how: string;
}

export interface Generation {
  /** 0 for the process that the kernel started. */
  readonly number: number;
  readonly mode: Mode;
  /** The newest ones, newest last; none after a person has resumed. */
  readonly deaths: readonly Death[];
}

export const FIRST: Generation = { number: 0, mode: 'normal', deaths: [] };

/** In place of how it died: it has not died, a person wants it to begin anew. */
export const RESUMED = 'resumed';

/** So many within the window mean that executing it again does not help. */
const MAX_DEATHS = 5;
export const DEATH_WINDOW_MS = 60_000;
/** Enough for the worst case, five of each mode; a record must stay within a page, see generation.ts. */
const KEPT_DEATHS = 10;
const LONGEST_HOW = 160;

/** @param how what the generation before has left behind about its end */
export function nextGeneration(last: Generation, nowMs: number, how: string): Generation {
  const number = last.number + 1;
  if (how === RESUMED) return { number, mode: 'normal', deaths: [] };
  const { mode } = last;
  const death = { generation: last.number, mode, atMs: nowMs, how: how.slice(0, LONGEST_HOW) };
  const deaths = [...last.deaths, death].slice(-KEPT_DEATHS);
  const recent = deaths.filter(
    (each) => each.mode === mode && nowMs - each.atMs < DEATH_WINDOW_MS,
  ).length;
  return { number, mode: recent < MAX_DEATHS ? mode : WORSE[mode], deaths };
}

const WORSE: Readonly<Record<Mode, Mode>> = {
  normal: 'emergency',
  emergency: 'given up',
  'given up': 'given up',
};

/** Whether so many starts without a record, which a crash before /run is there leaves, are a loop. */
export function isEarlyLoop(starts: number): boolean {
  return starts >= MAX_DEATHS;
}
