/**
 * Makes text from containers and the kernel fit for a terminal. Pure. Without this a service could move
 * the cursor, retitle the terminal or make it answer with text that the console takes for typing.
 */

/** `text` as one line: tabs become spaces, every control character becomes visible (`^[`, `\x9b`). */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what this is about
  return text.replaceAll('\t', '    ').replaceAll(/[\x00-\x1f\x7f-\x9f]/g, visible);
}

/** The lines of a text that may have several, each made printable; no empty one at the end. */
export function printableLines(text: string): readonly string[] {
  return text.replace(/\s+$/, '').split(/\r?\n/).map(printable);
}

function visible(control: string): string {
  const code = control.charCodeAt(0);
  if (code < 0x20) return `^${String.fromCharCode(code + 0x40)}`;
  return code === 0x7f ? '^?' : `\\x${code.toString(16)}`;
}
