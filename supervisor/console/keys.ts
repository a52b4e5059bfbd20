/**
 * Bytes from a terminal as keys: control characters, the escape sequences of VT100, VT220 and xterm,
 * and everything printable. Pure; keeps what a read has cut in two.
 */
import type { TerminalSize } from './terminal-size.ts';

export type KeyName =
  | 'enter'
  | 'tab'
  | 'backspace'
  | 'delete'
  | 'left'
  | 'right'
  | 'up'
  | 'down'
  | 'home'
  | 'end'
  | 'interrupt'
  | 'end-of-input'
  | 'delete-line'
  | 'delete-to-end'
  | 'delete-word'
  | 'clear-screen';

export type Key = { readonly char: string } | { readonly name: KeyName };

/** What comes over the line: keys, and what the terminal itself says. */
export type TerminalInput = Key | { readonly size: TerminalSize };

const CONTROLS: Readonly<Record<string, KeyName>> = {
  '\x01': 'home',
  '\x02': 'left',
  '\x03': 'interrupt',
  '\x04': 'end-of-input',
  '\x05': 'end',
  '\x06': 'right',
  '\x08': 'backspace',
  '\x09': 'tab',
  '\x0b': 'delete-to-end',
  '\x0c': 'clear-screen',
  '\x0d': 'enter',
  '\x0e': 'down',
  '\x10': 'up',
  '\x15': 'delete-line',
  '\x17': 'delete-word',
  '\x7f': 'backspace',
};

const ESCAPE = '\x1b';

/** What follows `ESC [` or `ESC O`. */
const SEQUENCES: Readonly<Record<string, KeyName>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  H: 'home',
  F: 'end',
  '1~': 'home',
  '7~': 'home',
  '4~': 'end',
  '8~': 'end',
  '3~': 'delete',
};

/** Two-character sequences (Alt and a key) are recognised to be left out. */
const SEQUENCE = new RegExp(`^${ESCAPE}(?:[[O][0-9;]*([A-Za-z~])|[^[O\\x00-\\x1f])`);
/** What may still become one. A control character in it is a key, and the rest was noise. */
const BEGINNING = new RegExp(`^${ESCAPE}(?:[[O][0-9;]*)?`);

/** A sequence longer than any key's is line noise. */
const MAX_SEQUENCE = 16;

export interface KeyDecoder {
  push(bytes: Uint8Array): readonly TerminalInput[];
}

export function createKeyDecoder(): KeyDecoder {
  const decoder = new TextDecoder();
  let pending = '';
  let afterReturn = false;

  function one(char: string): Key | undefined {
    // A terminal may send CR, LF or both for Enter; the LF of a pair is not a second Enter.
    const isPair = char === '\n' && afterReturn;
    afterReturn = char === '\r';
    if (char === '\n') return isPair ? undefined : { name: 'enter' };
    const name = CONTROLS[char];
    if (name !== undefined) return { name };
    return isPrintable(char) ? { char } : undefined;
  }

  return {
    push(bytes) {
      const keys: TerminalInput[] = [];
      let text = pending + decoder.decode(bytes, { stream: true });
      pending = '';
      while (text !== '') {
        const sequence = SEQUENCE.exec(text);
        if (sequence !== null) {
          const input = meaning(sequence[0].slice(2));
          if (input !== undefined) keys.push(input);
          text = text.slice(sequence[0].length);
        } else if (text.startsWith(ESCAPE)) {
          const [beginning = ESCAPE] = BEGINNING.exec(text) ?? [];
          const isWhole = beginning.length === text.length;
          if (isWhole && text.length < MAX_SEQUENCE) pending = text;
          text = text.slice(beginning.length);
        } else {
          const char = String.fromCodePoint(text.codePointAt(0) ?? 0);
          const key = one(char);
          if (key !== undefined) keys.push(key);
          text = text.slice(char.length);
        }
      }
      return keys;
    },
  };
}

function meaning(sequence: string): TerminalInput | undefined {
  const name = SEQUENCES[sequence];
  if (name !== undefined) return { name };
  // A cursor position report (CPR), which some terminals also send for a key with modifiers.
  const match = /^(\d{1,4});(\d{1,4})R$/.exec(sequence);
  return match === null
    ? undefined
    : { size: { rows: Number(match[1]), columns: Number(match[2]) } };
}

function isPrintable(char: string): boolean {
  const code = char.codePointAt(0) ?? 0;
  return code >= 0x20 && !(code >= 0x7f && code < 0xa0) && code !== 0xfffd;
}
