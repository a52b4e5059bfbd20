/** Times as a person reads them. Pure; all input is milliseconds. */

/** An instant since the kernel started, as the kernel's own messages have it: `[   12.345]`. */
export function instantText(ms: number): string {
  return `[${(ms / 1000).toFixed(3).padStart(9)}]`;
}

/** `2.104 s`: for parts of a boot. */
export function secondsText(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`;
}

const UNITS: readonly (readonly [name: string, seconds: number])[] = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
];

/** The two largest units: `4s`, `3m 12s`, `2d 7h`. Below zero counts as zero. */
export function durationText(ms: number): string {
  let seconds = Math.max(0, Math.floor(ms / 1000));
  const parts: string[] = [];
  for (const [name, size] of UNITS) {
    const count = Math.floor(seconds / size);
    if (parts.length === 0 && count === 0 && size > 1) continue;
    parts.push(`${count}${name}`);
    seconds -= count * size;
    if (parts.length === 2) break;
  }
  return parts.join(' ');
}
