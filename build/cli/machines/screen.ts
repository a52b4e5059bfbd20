/** Standard output as commands use it: lines, colours only for a terminal that wants them, a reader that may leave. */
import { styleText } from 'node:util';

/** Columns of the terminal; `Infinity` when there is none, so that nothing is wrapped. */
export function screenWidth(): number {
  return process.stdout.isTTY ? process.stdout.columns || 80 : Number.POSITIVE_INFINITY;
}

/** Resolves when there is room for more. */
export function print(text: string): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(text, () => resolve());
  });
}

export function printLines(lines: readonly string[]): Promise<void> {
  return print(lines.map((line) => `${line}\n`).join(''));
}

/** As it is unless standard output is a terminal; NO_COLOR and FORCE_COLOR are obeyed. */
export function paint(style: 'red' | 'yellow' | 'green' | 'dim', text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

export function note(text: string): void {
  process.stderr.write(`ishmael: ${text}\n`);
}

/**
 * Aborts when the person presses Ctrl-C or the reader of standard output has gone, such as `head`: both
 * are how following ends, no failure.
 */
export function untilLeft(): AbortSignal {
  const left = new AbortController();
  process.once('SIGINT', () => left.abort());
  process.once('SIGTERM', () => left.abort());
  process.stdout.on('error', () => left.abort());
  return left.signal;
}
