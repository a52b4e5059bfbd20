/**
 * A picture on this terminal that changes in place, on the screen that programs have beside the one with what was
 * said before. The terminal is in raw mode meanwhile and given back in every case: `close`, an exit, a signal.
 */
import { type Frame, fitFrame, redrawFrame } from '../../../supervisor/view/frame-view.ts';

export interface Picture {
  show(lines: readonly string[]): void;
  /** Aborts when the person has seen enough: q, Ctrl-C, or what the caller says. */
  readonly over: AbortSignal;
  close(): void;
}

/** xterm's other screen, and no cursor (DECSET 1049, DECTCEM). */
const ENTER = '\x1b[?1049h\x1b[?25l';
const LEAVE = '\x1b[?25h\x1b[?1049l';
const CTRL_C = 3;
const Q = 0x71;

export function openPicture(left: AbortSignal): Picture {
  const { stdin, stdout } = process;
  const done = new AbortController();
  const isRaw = stdin.isTTY;
  let frame: Frame | undefined;

  const onTyped = (bytes: Buffer): void => {
    if (bytes.includes(CTRL_C) || bytes.includes(Q)) done.abort();
  };
  const restore = (): void => {
    if (isRaw) stdin.setRawMode(false);
    stdout.write(LEAVE);
  };
  if (isRaw) {
    stdin.setRawMode(true);
    stdin.on('data', onTyped);
  }
  process.once('exit', restore);
  const onResize = (): void => void (frame = undefined);
  stdout.on('resize', onResize);
  stdout.write(ENTER);

  return {
    over: AbortSignal.any([left, done.signal]),
    show(lines) {
      const next = fitFrame(lines, stdout);
      stdout.write(redrawFrame(frame, next));
      frame = next;
    },
    close() {
      process.off('exit', restore);
      stdout.off('resize', onResize);
      stdin.off('data', onTyped);
      stdin.pause();
      restore();
    },
  };
}
