/**
 * The console's terminal in the hands of a program: its bytes go out and every byte typed comes in, but for the
 * way out. Knows neither the device nor the program.
 */
import type { Key, KeyName } from './keys.ts';
import type { TerminalSize } from './terminal-size.ts';

export interface ProgramTerminal {
  readonly size: TerminalSize;
  /** Whether it is of the VT100's family. */
  readonly isKnown: boolean;
  /** Resolves when there is room for more. */
  write(bytes: Uint8Array): Promise<void>;
  /** What is typed from now on, and has been typed ahead. */
  onInput(listener: (bytes: Uint8Array) => void): void;
  /** The program is over: what it may have left behind is tidied away, once. */
  finish(): void;
}

/** The same as the session has it. */
export interface LentTerminal extends ProgramTerminal {
  /** Whether `bytes` have gone to the program: not before it listens, nor after `finish`. */
  push(bytes: Uint8Array): boolean;
}

export interface Lender {
  readonly size: TerminalSize;
  readonly isKnown: boolean;
  write(bytes: Uint8Array | string): void;
  /** Resolves when the terminal has room for more. */
  room(): Promise<void>;
  /** What was typed since the command was given. */
  typedAhead(): Uint8Array;
  /** Somebody wants back to the console. */
  onWayOut(): void;
}

/** At once; then whatever is waited for before the next would have to be dropped. */
const PIECE_BYTES = 4096;
/** Plain letters, and a cursor that is seen. */
const RESET = '\x1b[m\x1b[?25h';

export function lendTerminal(lender: Lender): LentTerminal {
  const { size, isKnown } = lender;
  const convert = createProgramOutput(isKnown);
  const isWayOut = createWayOut();
  let listener: ((bytes: Uint8Array) => void) | undefined;
  let isFinished = false;
  let last = LF;
  return {
    size,
    isKnown,
    async write(chunk) {
      const bytes = convert(chunk);
      for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
        if (isFinished) return;
        const piece = bytes.subarray(at, at + PIECE_BYTES);
        last = piece.at(-1) ?? last;
        lender.write(piece);
        await lender.room();
      }
    },
    onInput(next) {
      listener = next;
      const ahead = lender.typedAhead();
      if (ahead.length > 0) next(ahead);
    },
    push(bytes) {
      if (listener === undefined || isFinished) return false;
      listener(bytes);
      if (isWayOut(bytes)) lender.onWayOut();
      return true;
    },
    finish() {
      if (isFinished) return;
      isFinished = true;
      lender.write(`${isKnown ? RESET : ''}${last === LF ? '' : '\n'}`);
    },
  };
}

/** As many of these within so long a time mean that a person wants back to the console. */
const WAY_OUT = 0x1e;
const WAY_OUT_TIMES = 3;
const WAY_OUT_MS = 1_000;
export const WAY_OUT_NAME = 'Ctrl-^ three times within a second';

/** Tells of typed bytes whether they, with those before, mean that. The program gets them all the same. */
export function createWayOut(
  now: () => number = () => performance.now(),
): (bytes: Uint8Array) => boolean {
  let times: number[] = [];
  return (bytes) => {
    for (const byte of bytes) times = byte === WAY_OUT ? [...times, now()] : [];
    times = times.slice(-WAY_OUT_TIMES);
    return times.length === WAY_OUT_TIMES && now() - (times[0] ?? 0) <= WAY_OUT_MS;
  };
}

const KEY_BYTES: Readonly<Partial<Record<KeyName, string>>> = {
  enter: '\r',
  tab: '\t',
  backspace: '\x7f',
  'end-of-input': '\x04',
  'delete-line': '\x15',
  'delete-word': '\x17',
};

/** What was typed ahead, for a program. Keys that move the cursor mean nothing before there is something to see. */
export function bytesOfKeys(keys: readonly Key[]): Uint8Array {
  return Buffer.from(
    keys.map((key) => ('char' in key ? key.char : (KEY_BYTES[key.name] ?? ''))).join(''),
  );
}

const CR = 13;
const LF = 10;
/** Index (VT100, IND): down, in the same column. */
const DOWN = Buffer.from('\x1bD');

/**
 * Makes a program's output right for a line that has ONLCR on (terminal.ts), which puts a CR in front of each LF:
 * CR LF loses its own, and an LF alone, by which a program that draws goes straight down, is said in another way
 * where the terminal knows one. Pure, but for what the last chunk ended with: a CR goes out at once, since a program
 * may leave the cursor there, and one more in front of the LF does no harm.
 */
export function createProgramOutput(isKnown: boolean): (chunk: Uint8Array) => Uint8Array {
  let afterReturn = false;
  return (chunk) => {
    const parts: Uint8Array[] = [];
    let from = 0;
    for (let at = chunk.indexOf(LF); at !== -1; at = chunk.indexOf(LF, at + 1)) {
      const hasReturn = at === 0 ? afterReturn : chunk[at - 1] === CR;
      if (!hasReturn && !isKnown) continue;
      parts.push(chunk.subarray(from, hasReturn ? Math.max(from, at - 1) : at));
      if (!hasReturn) parts.push(DOWN);
      from = hasReturn ? at : at + 1;
    }
    parts.push(chunk.subarray(from));
    if (chunk.length > 0) afterReturn = chunk.at(-1) === CR;
    return Buffer.concat(parts);
  };
}
