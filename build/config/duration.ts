/**
 * Durations as a person writes them: `500ms`, `10s`, `1m30s`, `2h`. Pure.
 */

/** From large to small, in milliseconds: the order in which they are written. */
const UNITS = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const;

const NOTATION = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;

/** In milliseconds; `undefined` for a text that is no duration. */
export function parseDuration(text: string): number | undefined {
  const counts = text === '' ? undefined : NOTATION.exec(text)?.slice(1);
  if (counts === undefined) return undefined;
  const ms = UNITS.reduce((sum, [, size], index) => sum + size * Number(counts[index] ?? 0), 0);
  return Number.isSafeInteger(ms) ? ms : undefined;
}

/** The shortest notation of a whole number of milliseconds. */
export function renderDuration(ms: number): string {
  if (ms === 0) return '0s';
  let rest = ms;
  return UNITS.map(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count === 0 ? '' : `${count}${unit}`;
  }).join('');
}
