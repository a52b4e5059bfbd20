/**
 * When something was said on a serial line, by the host's clock. Pure: bytes and times come in.
 *
 * The instant at which the kernel hands over to /init has to be seen from outside, and the same way on
 * both machines. The kernel says `Run /init as init process` on its console right before it executes
 * the program, and waits for the last character to have left; QEMU passes each on as the guest writes
 * it. So the arrival of that line is the instant, give or take a millisecond. The stamp in front of it
 * is no use for this: printk's clock is not the one programs can read; under emulation it was
 * 50 to 90 ms away from it.
 */

export interface TimedText {
  /** @param atMs when the bytes arrived, on any clock that does not go back */
  append(bytes: Uint8Array, atMs: number): void;
  /** When the last character of the first match had arrived; `undefined` when there is no match yet. */
  arrivalOf(pattern: RegExp): number | undefined;
  text(): string;
}

export function createTimedText(): TimedText {
  const decoder = new TextDecoder();
  const pieces: { readonly end: number; readonly atMs: number }[] = [];
  let text = '';
  return {
    append(bytes, atMs) {
      text += decoder.decode(bytes, { stream: true });
      pieces.push({ end: text.length, atMs });
    },
    arrivalOf(pattern) {
      const match = pattern.exec(text);
      if (match === null) return undefined;
      const end = match.index + match[0].length;
      return pieces.find((piece) => piece.end >= end)?.atMs;
    },
    text: () => text,
  };
}

export const RUN_INIT: RegExp = /Run \/init as init process/;

/** The kernel's own stamp on that line, in milliseconds. */
export function initStamp(consoleText: string): number | undefined {
  const match = /\[ *(\d+\.\d+)\] Run \/init as init process/.exec(consoleText);
  return match === null ? undefined : Number(match[1]) * 1000;
}
