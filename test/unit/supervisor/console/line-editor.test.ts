import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createKeyDecoder, type TerminalInput } from '../../../../supervisor/console/keys.ts';
import {
  edit,
  EMPTY_LINE,
  type LineAction,
  type LineState,
} from '../../../../supervisor/console/line-editor.ts';

function type(
  bytes: string,
  from: LineState = EMPTY_LINE,
): { line: LineState; actions: LineAction[] } {
  let line = from;
  const actions: LineAction[] = [];
  for (const key of createKeyDecoder().push(Buffer.from(bytes))) {
    if ('size' in key) continue;
    const { state, action } = edit(line, key);
    line = state;
    if (action.tag !== 'none') actions.push(action);
  }
  return { line, actions };
}

/** The line with `|` where the cursor is. */
function shown(bytes: string): string {
  const { line } = type(bytes);
  return `${line.before}|${line.after}`;
}

describe('edit()', () => {
  test.each([
    ['inserts at the cursor', 'lgs\x1b[D\x1b[Do', 'lo|gs'],
    ['deletes before the cursor', 'logs\x1b[D\x7f\x08', 'l|s'],
    ['deletes under the cursor', 'logs\x01\x1b[3~\x04', '|gs'],
    ['goes home and to the end', 'ogs\x1b[Hl\x1b[F -f', 'logs -f|'],
    ['deletes to the beginning', 'logs redis\x1b[D\x15', '|s'],
    ['deletes to the end', 'logs\x1b[D\x1b[D\x0b', 'lo|'],
    ['deletes the word before the cursor', 'logs  redis \x17', 'logs  |'],
    ['takes whole characters', 'aé🐋\x7f\x1b[D\x1b[C\x7f', 'a|'],
    ['stays within the line at its ends', '\x1b[D\x7fa\x1b[C\x1b[C\x1b[3~', 'a|'],
  ])('%s', (_what, bytes, wanted) => {
    expect(shown(bytes)).toBe(wanted);
  });

  test('submits the whole line wherever the cursor is, and starts an empty one', () => {
    const { line, actions } = type('logs redis\x1b[D\x1b[D\r');
    expect(actions).toEqual([{ tag: 'submit', line: 'logs redis' }]);
    expect(line).toMatchObject({ before: '', after: '', history: ['logs redis'] });
  });

  test('walks the history and comes back to what was being typed', () => {
    const { line } = type('one\rtwo\rtwo\r\rdra');
    expect(line.history).toEqual(['one', 'two']);
    expect(type('\x1b[A', line).line.before).toBe('two');
    expect(type('\x1b[A\x1b[A\x1b[A', line).line.before).toBe('one');
    expect(type('\x1b[A\x1b[A\x1b[B\x1b[B\x1b[B', line).line.before).toBe('dra');
  });

  test('empties the line on Ctrl-C and asks for completion and clearing', () => {
    expect(type('abc\x03').line.before).toBe('');
    expect(type('abc\x03\t\x0c').actions.map((action) => action.tag)).toEqual([
      'interrupt',
      'complete',
      'clear-screen',
    ]);
  });

  test('stays bounded whatever is typed', () => {
    const bytes = fc.uint8Array({ maxLength: 3_000 });
    const property = fc.property(bytes, (noise) => {
      const { line } = type(Buffer.from(noise).toString('latin1').repeat(3));
      expect(line.before.length + line.after.length).toBeLessThanOrEqual(1_000);
      expect(line.history.length).toBeLessThanOrEqual(100);
    });
    fc.assert(property, { numRuns: 50 });
  });
});

describe('createKeyDecoder()', () => {
  test('recognises a sequence cut in two and a character cut in two', () => {
    const decoder = createKeyDecoder();
    const keys: TerminalInput[] = [];
    for (const byte of Buffer.from('\x1b[Dé\x1bOH\x1b[1~'))
      keys.push(...decoder.push(Buffer.of(byte)));
    expect(keys).toEqual([{ name: 'left' }, { char: 'é' }, { name: 'home' }, { name: 'home' }]);
  });

  test('tells what a terminal says about its size from keys', () => {
    const decode = (bytes: string): readonly TerminalInput[] =>
      createKeyDecoder().push(Buffer.from(bytes));
    expect(decode('a\x1b[24;80Rb')).toEqual([
      { char: 'a' },
      { size: { rows: 24, columns: 80 } },
      { char: 'b' },
    ]);
    expect(decode('\x1b[24R\x1b[;R\x1b[1;2;3R\x1b[99999;1R')).toEqual([]);
  });

  test.each(['\x1bO', '\x1b[', '\x1b[1;', '\x1b', `\x1b[${'9'.repeat(40)}`])(
    'does not lose a key to a sequence that broke off: %j',
    (broken) => {
      const decoder = createKeyDecoder();
      expect(decoder.push(Buffer.from(broken))).toEqual([]);
      expect(decoder.push(Buffer.from('\x03'))).toEqual([{ name: 'interrupt' }]);
      expect(decoder.push(Buffer.from('x'))).toEqual([{ char: 'x' }]);
    },
  );

  test('takes CR, LF and CR LF for one Enter each', () => {
    const keys = createKeyDecoder().push(Buffer.from('\r\n\r\r\n\n'));
    expect(keys).toEqual(Array.from({ length: 4 }, () => ({ name: 'enter' })));
  });

  test('leaves unknown sequences and line noise out', () => {
    const keys = createKeyDecoder().push(Buffer.from('\x1b[15;2~\x00\xff\x1b[200~a', 'latin1'));
    expect(keys).toEqual([{ char: 'a' }]);
  });
});
