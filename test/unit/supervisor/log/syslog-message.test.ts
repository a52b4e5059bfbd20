import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  parseSyslog,
  type SyslogMessage,
  syslogLines,
} from '../../../../supervisor/log/syslog-message.ts';

const parse = (text: string): SyslogMessage => parseSyslog(Buffer.from(text));

describe('parseSyslog() of RFC 3164', () => {
  it.each([
    [
      'as glibc writes it',
      '<30>Jan 31 12:00:00 cron[12]: job done',
      { priority: 30, tag: 'cron', pid: '12', text: 'job done' },
    ],
    [
      "as busybox's logger writes it",
      '<13>Nov  5 01:02:03 root: ahoy\n',
      { priority: 13, tag: 'root', text: 'ahoy' },
    ],
    [
      'with an RFC 3339 time',
      '<13>2026-01-31T12:00:00.123456+01:00 app: x',
      { priority: 13, tag: 'app', text: 'x' },
    ],
    ['without a time', '<11>app[1]: x: y', { priority: 11, tag: 'app', pid: '1', text: 'x: y' }],
    ['without a tag', '<13>Jan 31 12:00:00 just words: x', { priority: 13, text: 'just words: x' }],
    ['without a message', '<13>Jan 31 12:00:00 app:', { priority: 13, tag: 'app', text: '' }],
    ['with a NUL at its end', '<14>app: x\n\0', { priority: 14, tag: 'app', text: 'x' }],
    ['with several lines', '<14>app: x\ny', { priority: 14, tag: 'app', text: 'x\ny' }],
    [
      'with a path as its tag',
      '<14>/bin/x[7]: y',
      { priority: 14, tag: '/bin/x', pid: '7', text: 'y' },
    ],
    ['that speaks for the kernel', '<2>app: x', { priority: 10, tag: 'app', text: 'x' }],
    ['without a priority', 'app: x', { priority: 13, tag: 'app', text: 'x' }],
    ['of a priority that is none', '<192>app: x', { priority: 13, text: '<192>app: x' }],
    ['of an empty priority', '<>app: x', { priority: 13, text: '<>app: x' }],
    ['of a number without an end', '<13app: x', { priority: 13, text: '<13app: x' }],
    [
      'of a tag that is too long',
      `<13>${'a'.repeat(49)}: x`,
      { priority: 13, text: `${'a'.repeat(49)}: x` },
    ],
    ['of nothing', '', { priority: 13, text: '' }],
    ['of nothing but a priority', '<191>', { priority: 191, text: '' }],
  ])('%s', (_, text, expected) => {
    expect(parse(text)).toEqual(expected);
  });
});

describe('parseSyslog() of RFC 5424', () => {
  const head = '<165>1 2026-01-31T12:00:00.003Z host';
  it.each([
    [
      "as util-linux's logger writes it",
      `${head} root 77 - [timeQuality tzKnown="1"][a@1 b="c"] ahoy`,
      { priority: 165, tag: 'root', pid: '77', text: 'ahoy' },
    ],
    ['without anything', '<165>1 - - - - - - x y', { priority: 165, text: 'x y' }],
    ['without a message', `${head} app - - -`, { priority: 165, tag: 'app', text: '' }],
    ['with a mark of UTF-8', `${head} app - - - \uFEFFé`, { priority: 165, tag: 'app', text: 'é' }],
    [
      'with quotes and brackets in its data',
      `${head} app - ID [x@1 a="]\\"\\\\" b="["] m`,
      { priority: 165, tag: 'app', text: 'm' },
    ],
    [
      'with a name for a process id',
      `${head} app main - - m`,
      { priority: 165, tag: 'app', text: 'm' },
    ],
    [
      'whose data has no end: all of it is text',
      `${head} app - - [x@1 a="b m`,
      { priority: 165, text: `1 2026-01-31T12:00:00.003Z host app - - [x@1 a="b m` },
    ],
    [
      'whose data goes on where it should end',
      `${head} app - - -x`,
      { priority: 165, text: '1 2026-01-31T12:00:00.003Z host app - - -x' },
    ],
    [
      'whose program has a name of no letters',
      `<14>1 - - ééé - - - m`,
      { priority: 14, text: 'm' },
    ],
  ])('%s', (_, text, expected) => {
    expect(parse(text)).toEqual(expected);
  });
});

it('parseSyslog() makes a message of any bytes', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc
      .array(
        fc.constantFrom('<13>', '1 ', '- ', '[', ']', '"', '\\', 'a', ':', ' ', 'Jan 31 12:00:00 '),
      )
      .map((parts) => Buffer.from(parts.join(''))),
  );
  fc.assert(
    fc.property(bytes, (message) => {
      const { priority, tag, pid, text } = parseSyslog(message);
      expect(priority).toBeGreaterThanOrEqual(8);
      expect(priority).toBeLessThanOrEqual(191);
      expect(tag ?? 'tag').toMatch(/^[!-~]{1,48}$/);
      expect(pid ?? '1').toMatch(/^\d{1,10}$/);
      expect(text.length).toBeLessThanOrEqual(message.length);
    }),
  );
});

it('parseSyslog() takes no longer for what is made to be slow', () => {
  const slow = [
    `<13>1 ${'- '.repeat(8000)}`,
    `<13>1 - - - - - ${'[x a="b"]'.repeat(1800)}`,
    `<13>1 - - - - - [${'\\"'.repeat(8000)}`,
    `<13>${'a['.repeat(8000)}`,
    `<13>${'1'.repeat(16_000)}`,
    `<13>x${'\n'.repeat(16_000)}y`,
  ];
  const fromMs = performance.now();
  for (let round = 0; round < 20; round += 1) slow.forEach(parse);
  expect(performance.now() - fromMs).toBeLessThan(2000);
});

it.each([
  [{ priority: 13, text: 'x' }, ['x']],
  [{ priority: 13, tag: 'app', text: 'x' }, ['app: x']],
  [{ priority: 13, tag: 'app', pid: '1', text: 'x\n\ny' }, ['app[1]: x', 'app[1]: ', 'app[1]: y']],
  [{ priority: 13, text: '' }, ['']],
])('syslogLines() of %j', (message, expected) => {
  expect(syslogLines(message)).toEqual(expected);
});

it('syslogLines() cuts what is longer than a line of a log', () => {
  const lines = syslogLines({ priority: 13, tag: 'a', text: 'x'.repeat(16_380) });
  expect(lines.map((line) => line.length)).toEqual([8192, 8191]);
  expect(lines.join('')).toBe(`a: ${'x'.repeat(16_380)}`);
});
