/** Names of machines: parts of paths and words on a command line. Pure. */

/** Longer ones would not leave room for a socket's path (107 bytes) below most homes. */
export const LONGEST_NAME = 40;

export function isMachineName(text: string): boolean {
  return text.length <= LONGEST_NAME && /^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(text);
}

/** `wanted`, or else `wanted-2`, `wanted-3` …: the first that is not taken. */
export function freeName(wanted: string, taken: readonly string[]): string {
  const base = wanted.slice(0, LONGEST_NAME - 4);
  for (let count = 1; ; count += 1) {
    const name = count === 1 ? wanted.slice(0, LONGEST_NAME) : `${base}-${count}`;
    if (!taken.includes(name)) return name;
  }
}
