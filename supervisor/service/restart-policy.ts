/**
 * When a unit that ended is started again: `always`, after 100 ms, doubled for each run in a row that
 * did not run well, up to a minute. A run of ten seconds counts as having run well (the numbers of
 * Docker's restart manager, which users know).
 */
const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 60_000;
const RAN_WELL_MS = 10_000;

/** @param shortRuns how many runs in a row, this one not counted, ended early */
export function nextRestart(
  shortRuns: number,
  ranMs: number,
): { readonly delayMs: number; readonly shortRuns: number } {
  if (ranMs >= RAN_WELL_MS) return { delayMs: FIRST_DELAY_MS, shortRuns: 0 };
  // The exponent is bounded before the power, so that years of restarts stay in range.
  const delayMs = Math.min(FIRST_DELAY_MS * 2 ** Math.min(shortRuns, 16), MAX_DELAY_MS);
  return { delayMs, shortRuns: shortRuns + 1 };
}
