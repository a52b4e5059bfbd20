import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseKmsg } from '../../../../supervisor/log/kmsg.ts';

it.each([
  [
    '6,412,1234567,-;eth0: link up\n',
    { priority: 6, seq: 412, atMs: 1234.567, lines: ['eth0: link up'] },
  ],
  [
    '30,0,0,-;from a program\n SUBSYSTEM=net\n DEVICE=n3\n',
    { priority: 30, seq: 0, atMs: 0, lines: ['from a program'] },
  ],
  ['4,7,5000,c,caller=T1;piece', { priority: 4, seq: 7, atMs: 5, lines: ['piece'] }],
  ['6,8,1;no flags\n', { priority: 6, seq: 8, atMs: 0.001, lines: ['no flags'] }],
  ['6,1,1,-;one\\x0atwo\\x0a\n', { priority: 6, seq: 1, atMs: 0.001, lines: ['one', 'two'] }],
  ['6,1,1,-;caf\\xc3\\xa9 \\x5cx41\n', { priority: 6, seq: 1, atMs: 0.001, lines: ['café \\x41'] }],
  ['6,1,1,-;\\xff; a;b\n', { priority: 6, seq: 1, atMs: 0.001, lines: ['�; a;b'] }],
  ['6,1,1,-;\n', { priority: 6, seq: 1, atMs: 0.001, lines: [''] }],
])('parseKmsg() reads %j', (text, expected) => {
  expect(parseKmsg(Buffer.from(text))).toEqual(expected);
});

it.each(['', '6', '6,1,1', 'a,1,1,-;x', '-1,1,1,-;x', '6,1,1\n;x', '6,1,1,-\n;x'])(
  'parseKmsg() refuses %j',
  (text) => {
    expect(parseKmsg(Buffer.from(text))).toBeUndefined();
  },
);

it('parseKmsg() gives back any text that the kernel has escaped', () => {
  const escape = (bytes: Buffer): string =>
    [...bytes]
      .map((byte) =>
        byte < 32 || byte >= 127 || byte === 92
          ? `\\x${byte.toString(16).padStart(2, '0')}`
          : String.fromCharCode(byte),
      )
      .join('');
  const line = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !text.includes('\n'));
  fc.assert(
    fc.property(fc.array(line, { minLength: 1 }), (lines) => {
      const record = `6,1,1,-;${escape(Buffer.from(lines.join('\n')))}\n`;
      expect(parseKmsg(Buffer.from(record))?.lines).toEqual(lines);
    }),
  );
});

it('parseKmsg() makes something or nothing of any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      parseKmsg(Buffer.from(bytes));
      const lines = parseKmsg(Buffer.concat([Buffer.from('6,1,1,-;'), bytes]))?.lines ?? [];
      expect(lines.length).toBeGreaterThan(0);
      expect(lines.every((line) => !line.includes('\n'))).toBe(true);
    }),
  );
});
