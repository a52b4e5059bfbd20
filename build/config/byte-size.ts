/**
 * Sizes as a person writes them: `512K`, `64M`, `1.5GiB`. Pure. A unit is a power of 1024, with or without
 * the `i`, as Docker and the kernel have it.
 */

const NOTATION = /^(\d+(?:\.\d+)?)([KMGT]?)(?:I?B)?$/;
const UNITS = ['', 'K', 'M', 'G', 'T'];

/** In bytes, rounded down; `undefined` for a text that is no size. */
export function parseByteSize(text: string): number | undefined {
  const match = NOTATION.exec(text.trim().toUpperCase());
  if (match === null) return undefined;
  const [, count = '', unit = ''] = match;
  const bytes = Math.floor(Number(count) * 1024 ** UNITS.indexOf(unit));
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
