import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { LogStream, MachineLogLine } from '../../../../supervisor/control/api.ts';
import { parseSyslog } from '../../../../supervisor/log/syslog-message.ts';
import { encodeMessage, frameMessage } from '../../../../supervisor/syslog/message.ts';

const ENVELOPE = {
  wallMs: Date.UTC(2026, 0, 31, 12),
  hostname: 'box',
  facility: 3,
  sequence: 17,
};
const LINE: MachineLogLine = { unit: 'redis', seq: 9, atMs: 5, stream: 'stdout', text: 'Ready' };

function encoded(line: Partial<MachineLogLine>, envelope: Partial<typeof ENVELOPE> = {}): string {
  return encodeMessage({ ...LINE, ...line }, { ...ENVELOPE, ...envelope }).toString();
}

const REST = '[meta sequenceId="17"]';

it('encodeMessage() writes RFC 5424', () => {
  expect(encoded({})).toBe(`<30>1 2026-01-31T12:00:00.000Z box redis - stdout ${REST} Ready`);
});

it('encodeMessage() takes stderr for errors, and priorities as they are', () => {
  expect(encoded({ stream: 'stderr' })).toMatch(/^<27>1 \S+ box redis - stderr /);
  expect(encoded({ stream: 'stderr' }, { facility: 16 })).toMatch(/^<131>1 /);
  expect(encoded({ stream: 'syslog', priority: 76 })).toMatch(/^<76>1 \S+ box redis - syslog /);
});

it('encodeMessage() names the logs that are of no unit', () => {
  const { unit: _, ...line } = LINE;
  const message = encodeMessage({ ...line, stream: 'kernel', priority: 4, text: 'é' }, ENVELOPE);
  expect(message.toString()).toBe(`<4>1 2026-01-31T12:00:00.000Z box kernel - kernel ${REST} é`);
});

it('encodeMessage() keeps its fields free of what is not theirs', () => {
  expect(encoded({ unit: 'a'.repeat(60), text: '' })).toBe(
    `<30>1 2026-01-31T12:00:00.000Z box ${'a'.repeat(48)} - stdout ${REST}`,
  );
  expect(encoded({}, { hostname: 'two words é' })).toMatch(/Z twowords redis /);
  expect(encoded({}, { hostname: '' })).toMatch(/Z - redis /);
});

it('encodeMessage() counts up to what the field may hold, then from 1', () => {
  expect(encoded({}, { sequence: 2_147_483_647 })).toContain('sequenceId="2147483647"');
  expect(encoded({}, { sequence: 2_147_483_648 })).toContain('sequenceId="1"');
});

it('encodeMessage() writes what can be read again, whatever the line is', () => {
  const text = fc.string({ unit: 'grapheme' }).map((line) => line.replaceAll(/[\n\0]/g, ''));
  const stream = fc.constantFrom<LogStream>('stdout', 'stderr', 'syslog');
  const priority = fc.integer({ min: 8, max: 191 });
  fc.assert(
    fc.property(text, stream, priority, (line, from, graded) => {
      const message = encodeMessage(
        { ...LINE, stream: from, text: line, priority: graded },
        ENVELOPE,
      );
      // A mark of UTF-8 at its beginning is no part of a text.
      const expected = line.replace(/^\uFEFF/, '');
      expect(parseSyslog(message)).toEqual({ priority: graded, tag: 'redis', text: expected });
    }),
  );
});

it('frameMessage() counts bytes', () => {
  expect(frameMessage(Buffer.from('é x')).toString()).toBe('4 é x');
});
