import { describe, expect, test } from 'vitest';

import { namesPanic, withPanic } from '../../../../build/config/panic-schema.ts';
import { parseConfig } from '../../../../build/config/parse-config.ts';
import { validConfig } from './fixtures.ts';

function problems(text: string): readonly string[] {
  return parseConfig('x.yml', text).diagnostics.map(({ line, col, code, suggestion }) =>
    suggestion === undefined ? `${line}:${col} ${code}` : `${line}:${col} ${code} ${suggestion}`,
  );
}

describe('panic', () => {
  test.each([
    ['panic: reboot', 10],
    ['panic: halt', 0],
    ['panic: {action: reboot}', 10],
    ['panic: {action: reboot, delay: 1m}', 60],
    ['panic: {action: reboot, delay: 1500ms}', 2],
    ['panic: {action: reboot, delay: 0}', -1],
    ['panic: {action: halt}', 0],
    ['', undefined],
  ])('%s', (text, timeout) => {
    expect(validConfig(`kernel: {image: k}\n${text}`).config.panic).toBe(timeout);
  });

  test.each([
    ['panic: rebot', ['2:8 unknown-value reboot']],
    ['panic: 10', ['2:8 wrong-type']],
    ['panic: {delay: 1s}', ['2:8 missing-key']],
    ['panic: {action: stop}', ['2:17 unknown-value']],
    ['panic: {action: halt, delay: 1s}', ['2:23 conflict']],
    ['panic: {action: reboot, delay: soon}', ['2:32 bad-duration']],
    ['panic: {action: reboot, dealy: 1s}', ['2:25 unknown-key delay']],
  ])('%s is refused in its place', (text, expected) => {
    expect(problems(`kernel: {image: k}\n${text}`)).toEqual(expected);
  });

  test('is not said twice', () => {
    expect(problems('kernel: {image: k, cmdline: a panic=5}\npanic: halt')).toEqual([
      '2:1 conflict',
    ]);
  });
});

describe('the kernel command line', () => {
  test.each([
    ['console=ttyS0', false],
    ['panic=5', true],
    ['quiet panic=-1 x', true],
    ['kernel.panic=5 oops=panic panic_on_warn', false],
    ['quiet -- panic=5', false],
    ['', false],
  ])('%j names a timeout: %j', (cmdline, expected) => expect(namesPanic(cmdline)).toBe(expected));

  test('gets one in front of what goes to init', () => {
    expect(withPanic('console=ttyS0 -- x', 10)).toBe('panic=10 console=ttyS0 -- x');
    expect(withPanic('', 0)).toBe('panic=0');
  });

  test('keeps the one it has', () => {
    expect(withPanic('quiet panic=3', 10)).toBe('quiet panic=3');
  });
});
