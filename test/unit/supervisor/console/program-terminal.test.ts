import { describe, expect, test } from 'vitest';
import {
  bytesOfKeys,
  createProgramOutput,
  createWayOut,
  type LentTerminal,
  lendTerminal,
} from '../../../../supervisor/console/program-terminal.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

describe('createProgramOutput()', () => {
  test.each([
    ['a line of the line discipline', true, ['a\r\nb\r\n'], 'a\nb\n'],
    ['what goes straight down', true, ['a\nb'], 'a\x1bDb'],
    ['the same on a terminal that knows no such way', false, ['a\nb\r\n'], 'a\nb\n'],
    ['a pair cut in two', true, ['a\r', '\nb'], 'a\r\nb'],
    ['a return alone, cut or not', true, ['1%\r2%\r', '3%'], '1%\r2%\r3%'],
    ['several returns', true, ['a\r\r\n'], 'a\r\n'],
    ['nothing', true, [''], ''],
  ])('%s', (_what, isKnown, chunks, expected) => {
    const convert = createProgramOutput(isKnown);
    expect(chunks.map((chunk) => text(convert(Buffer.from(chunk)))).join('')).toBe(expected);
  });

  test('does not keep a return for later', () => {
    expect(text(createProgramOutput(true)(Buffer.from('50%\r')))).toBe('50%\r');
  });

  test('leaves bytes alone that are no UTF-8', () => {
    const bytes = Buffer.from([0xff, 0xc3, 0x28]);
    expect(createProgramOutput(true)(bytes)).toEqual(bytes);
  });
});

describe('createWayOut()', () => {
  const press = (times: readonly number[], keys: readonly string[]): boolean[] => {
    let now = 0;
    const isWayOut = createWayOut(() => now);
    return keys.map((key, index) => {
      now = times[index] ?? 0;
      return isWayOut(Buffer.from(key));
    });
  };

  test('is three times the same key, soon enough and with nothing in between', () => {
    expect(press([0, 300, 900], ['\x1e', '\x1e', '\x1e'])).toEqual([false, false, true]);
    expect(press([0], ['\x1e\x1e\x1e'])).toEqual([true]);
    expect(press([0, 300, 1_001], ['\x1e', '\x1e', '\x1e'])).toEqual([false, false, false]);
    expect(press([0, 1, 2], ['\x1e\x1e', 'x', '\x1e'])).toEqual([false, false, false]);
  });
});

test('bytesOfKeys() is what the keys were, as far as a program could want them', () => {
  const keys = [{ char: 'ö' }, { name: 'left' }, { name: 'tab' }, { name: 'enter' }] as const;
  expect(text(bytesOfKeys(keys))).toBe('ö\t\r');
});

describe('lendTerminal()', () => {
  interface Lent {
    readonly terminal: LentTerminal;
    readonly written: () => string;
    readonly taken: string[];
    readonly wentOut: () => number;
  }

  function lend({ isKnown = true, ahead = '', room = Promise.resolve() } = {}): Lent {
    const written: string[] = [];
    const taken: string[] = [];
    let out = 0;
    const terminal = lendTerminal({
      size: { rows: 24, columns: 80 },
      isKnown,
      write: (bytes) => written.push(typeof bytes === 'string' ? bytes : text(bytes)),
      room: () => room,
      typedAhead: () => Buffer.from(ahead),
      onWayOut: () => (out += 1),
    });
    return { terminal, written: () => written.join(''), taken, wentOut: () => out };
  }

  test('gives keys to the program once it listens, those before first', () => {
    const { terminal, taken } = lend({ ahead: 'ls\r' });
    expect(terminal.push(Buffer.from('x'))).toBe(false);
    terminal.onInput((bytes) => taken.push(text(bytes)));
    expect(terminal.push(Buffer.from('\x03'))).toBe(true);
    terminal.finish();
    expect(terminal.push(Buffer.from('y'))).toBe(false);
    expect(taken).toEqual(['ls\r', '\x03']);
  });

  test('tells of the way out', () => {
    const { terminal, wentOut } = lend();
    terminal.onInput(() => {});
    terminal.push(Buffer.from('\x1e\x1e'));
    expect(wentOut()).toBe(0);
    terminal.push(Buffer.from('\x1e'));
    expect(wentOut()).toBe(1);
  });

  test('tidies up once: letters, cursor, and a line of its own for what comes next', async () => {
    const { terminal, written } = lend();
    await terminal.write(Buffer.from('$ '));
    terminal.finish();
    terminal.finish();
    await terminal.write(Buffer.from('too late'));
    expect(written()).toBe('$ \x1b[m\x1b[?25h\n');

    const dumb = lend({ isKnown: false });
    await dumb.terminal.write(Buffer.from('done\r\n'));
    dumb.terminal.finish();
    expect(dumb.written()).toBe('done\n');
  });

  test('waits for a slow terminal between pieces', async () => {
    const { promise: room, resolve: makeRoom } = Promise.withResolvers<void>();
    const { terminal, written } = lend({ room });
    const done = terminal.write(Buffer.alloc(10_000, 'x'));
    await Promise.resolve();
    expect(written().length).toBeLessThan(10_000);
    makeRoom();
    await done;
    expect(written()).toHaveLength(10_000);
  });
});
