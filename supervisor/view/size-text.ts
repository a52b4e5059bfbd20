/** Sizes as a person reads them. Pure; units are powers of 1024. */

const UNITS: readonly string[] = ['B', 'K', 'M', 'G', 'T', 'P'];

/** Three digits or fewer and a unit: `512B`, `9.8K`, `63M`. */
export function sizeText(bytes: number): string {
  let value = Math.max(0, bytes);
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit > 0 && value < 9.95 ? 1 : 0;
  return `${value.toFixed(digits)}${UNITS[unit] ?? ''}`;
}

export function percentText(part: number, whole: number): string {
  return whole <= 0 ? '-' : `${Math.round((100 * part) / whole)}%`;
}
