import { describe, expect, test } from 'vitest';

import { compileManifest } from '../../../../build/config/compile-manifest.ts';
import { DEFAULT_LOG_RULES, type LogRules } from '../../../../supervisor/log/log-rules.ts';
import { byReference, image, problems, validConfig, withKeys } from './fixtures.ts';

const SECTIONS = ['onboot', 'services', 'onshutdown'] as const;

function compiled(section: (typeof SECTIONS)[number], keys: string): LogRules | undefined {
  const { config } = validConfig(withKeys(section, keys));
  const images = byReference(image('i', { cmd: ['/run'] }));
  return compileManifest(config, images, 'm')[section][0]?.log;
}

describe('log', () => {
  test.each(SECTIONS)('reaches the manifest from an entry of %s', (section) => {
    expect(compiled(section, 'log: {maxSize: 1M, maxFiles: 5, rate: 7/2s, devLog: true}')).toEqual({
      rotation: { maxFileBytes: 1_048_576, maxFiles: 5 },
      rate: { lines: 7, intervalMs: 2000 },
      devLog: true,
    });
  });

  test('has defaults for what is left out, those of a container without it', () => {
    expect(compiled('services', 'log: {}')).toEqual(DEFAULT_LOG_RULES);
    expect(compiled('services', '')).toBeUndefined();
    expect(compiled('services', 'log: {maxFiles: 1}')).toEqual({
      ...DEFAULT_LOG_RULES,
      rotation: { ...DEFAULT_LOG_RULES.rotation, maxFiles: 1 },
    });
  });

  test.each([
    ['4K', 4096],
    ['65536', 65_536],
    ["'65536'", 65_536],
    ['1.5MiB', 1_572_864],
    ['1G', 1_073_741_824],
  ])('takes the size %s', (text, bytes) => {
    expect(compiled('services', `log: {maxSize: ${text}}`)?.rotation.maxFileBytes).toBe(bytes);
  });

  test.each([
    ['10000/30s', { lines: 10_000, intervalMs: 30_000 }],
    ['100/s', { lines: 100, intervalMs: 1000 }],
    ['1/1m30s', { lines: 1, intervalMs: 90_000 }],
    ['{lines: 3, interval: 0.5}', { lines: 3, intervalMs: 500 }],
    ['unlimited', 'unlimited'],
  ])('takes the rate %s', (text, expected) => {
    expect(compiled('services', `log: {rate: ${text}}`)?.rate).toEqual(expected);
  });

  test.each([
    ['an unknown key', '{maxsize: 1M}', ['4:11 unknown-key maxSize']],
    ["compose's spelling", '{max-size: 1M}', ['4:11 unknown-key maxSize']],
    ['a word', 'none', ['4:10 wrong-type']],
    ['a size that is none', '{maxSize: big}', ['4:20 bad-size']],
    ['a size below 4K', '{maxSize: 4095}', ['4:20 bad-size']],
    ['a size above 1G', '{maxSize: 2G}', ['4:20 bad-size']],
    ['a size of another type', '{maxSize: []}', ['4:20 wrong-type']],
    ['no file', '{maxFiles: 0}', ['4:21 invalid-value']],
    ['too many files', '{maxFiles: 101}', ['4:21 invalid-value']],
    ['files of another type', "{maxFiles: '2'}", ['4:21 wrong-type']],
    ['a misspelt word', '{rate: unlimitted}', ['4:17 bad-rate unlimited']],
    ['a rate without a time', '{rate: 100/}', ['4:17 bad-rate']],
    ['a rate without lines', '{rate: /30s}', ['4:17 bad-rate']],
    ['a rate of nothing', '{rate: 0/30s}', ['4:17 bad-rate']],
    ['a rate in no time', '{rate: 10/0s}', ['4:17 bad-rate']],
    ['a rate of too many parts', '{rate: 10/1s/1s}', ['4:17 bad-rate']],
    ['a number as a rate', '{rate: 100}', ['4:17 wrong-type']],
    ['a rate without an interval', '{rate: {lines: 1}}', ['4:17 missing-key']],
    [
      'a misspelt key of a rate',
      '{rate: {line: 1, interval: 1s}}',
      ['4:17 missing-key', '4:18 unknown-key lines'],
    ],
    ['an interval that is none', '{rate: {lines: 1, interval: soon}}', ['4:38 bad-duration']],
    ['a word for a truth value', "{devLog: 'yes'}", ['4:19 wrong-type']],
  ])('places %s', (_, value, expected) => {
    expect(problems(withKeys('services', `log: ${value}`))).toEqual(expected);
  });

  test('with /dev/log does not go with another mount there', () => {
    const binds = "binds: ['/a:/b', '/run/x:/dev/log']";
    expect(problems(withKeys('services', `log: {devLog: true}, ${binds}`))).toEqual([
      '4:43 conflict',
    ]);
    expect(problems(withKeys('onboot', binds))).toEqual([]);
    const other = `cwd: x, log: {devLog: true}, ${binds}`;
    expect(problems(withKeys('onshutdown', other))).toEqual([
      '4:10 invalid-value',
      '4:51 conflict',
    ]);
  });

  test('with /dev/log needs a name that fits into the path of a socket', () => {
    const named = (length: number, keys: string): string =>
      `kernel: {image: k}\nservices:\n  - {image: i, name: ${'n'.repeat(length)}, ${keys}}\n`;
    expect(problems(named(80, 'log: {devLog: true}'))).toEqual([]);
    expect(problems(named(81, 'log: {devLog: true}'))).toEqual(['3:22 conflict']);
    expect(problems(named(81, 'log: {}'))).toEqual([]);
  });

  test('is what compose calls logging', () => {
    expect(problems(withKeys('services', 'logging: {driver: syslog}'))).toEqual([
      '4:5 unknown-key',
    ]);
  });
});
