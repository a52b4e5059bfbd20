/** A number this project has set itself, and whether it is reached. Pure. */
export interface Target {
  readonly what: string;
  readonly limit: string;
  readonly is: string;
  readonly reached: boolean;
}

/** At most `limit`, shown with `digits` digits and the unit. */
export function atMost(
  what: string,
  is: number,
  { limit, unit, digits = 0 }: { limit: number; unit: string; digits?: number },
): Target {
  return {
    what,
    limit: `≤ ${limit} ${unit}`,
    is: `${is.toFixed(digits)} ${unit}`,
    // NaN, for nothing measured, is not reached.
    reached: is <= limit,
  };
}

/** At least `limit`. */
export function atLeast(
  what: string,
  is: number,
  { limit, unit, digits = 0 }: { limit: number; unit: string; digits?: number },
): Target {
  return {
    what,
    limit: `≥ ${limit} ${unit}`,
    is: `${is.toFixed(digits)} ${unit}`,
    reached: is >= limit,
  };
}
