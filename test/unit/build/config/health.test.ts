import { describe, expect, test } from 'vitest';

import { parseConfig } from '../../../../build/config/parse-config.ts';
import { DEFAULT_HEALTH_CHECK } from '../../../../supervisor/service/policy.ts';
import { problems, validConfig, withKeys } from './fixtures.ts';

function check(keys: string): unknown {
  const { config } = validConfig(withKeys('services', `healthcheck: ${keys}`));
  return config.services[0]?.healthcheck;
}

const SHELL = ['/bin/sh', '-c', 'curl -f http://localhost || exit 1'];

describe('healthcheck asks', () => {
  test.each([
    ['{exec: [redis-cli, ping]}', { kind: 'exec', args: ['redis-cli', 'ping'] }],
    ['{test: [CMD, redis-cli, ping]}', { kind: 'exec', args: ['redis-cli', 'ping'] }],
    [`{test: [CMD-SHELL, '${SHELL[2]}']}`, { kind: 'exec', args: SHELL }],
    [`{test: '${SHELL[2]}'}`, { kind: 'exec', args: SHELL }],
    [
      '{http: "http://127.0.0.1:8080/healthz?full=1"}',
      { kind: 'http', host: '127.0.0.1', port: 8080, path: '/healthz?full=1' },
    ],
    ['{http: "HTTP://localhost"}', { kind: 'http', host: '127.0.0.1', port: 80, path: '/' }],
    ['{http: "http://[::1]:81/a b"}', { kind: 'http', host: '::1', port: 81, path: '/a%20b' }],
    ['{http: {port: 80}}', { kind: 'http', host: '127.0.0.1', port: 80, path: '/' }],
    [
      '{http: {port: 8080, path: /x, host: 10.0.0.1}}',
      { kind: 'http', host: '10.0.0.1', port: 8080, path: '/x' },
    ],
    ['{tcp: 6379}', { kind: 'tcp', host: '127.0.0.1', port: 6379 }],
    ['{tcp: "6379"}', { kind: 'tcp', host: '127.0.0.1', port: 6379 }],
    ['{tcp: 10.0.0.1:6379}', { kind: 'tcp', host: '10.0.0.1', port: 6379 }],
    ['{tcp: localhost:65535}', { kind: 'tcp', host: '127.0.0.1', port: 65_535 }],
    ['{tcp: "[fe80::1]:1"}', { kind: 'tcp', host: 'fe80::1', port: 1 }],
    ['{file: /run/ready}', { kind: 'file', path: '/run/ready' }],
    ['{file: {path: /run/ready}}', { kind: 'file', path: '/run/ready' }],
    [
      '{file: {path: /run/beat, maxAge: 1m}}',
      { kind: 'file', path: '/run/beat', maxAgeMs: 60_000 },
    ],
  ])('%s', (keys, probe) => {
    expect(check(keys)).toEqual({ ...DEFAULT_HEALTH_CHECK, probe });
  });

  test.each([
    '{test: NONE}',
    '{test: [NONE]}',
    '{disable: true}',
    '{tcp: 80, disable: true}',
    '{test: [CMD, /check], interval: 5s, disable: true}',
  ])('nothing with %s', (keys) => expect(check(keys)).toBeUndefined());

  test('as often as it says', () => {
    const keys =
      '{tcp: 80, interval: 1m30s, timeout: 3, retries: 5, startPeriod: 40s, startInterval: 500ms, ' +
      'onUnhealthy: restart, disable: false}';
    expect(check(keys)).toEqual({
      probe: { kind: 'tcp', host: '127.0.0.1', port: 80 },
      intervalMs: 90_000,
      timeoutMs: 3000,
      retries: 5,
      startPeriodMs: 40_000,
      startIntervalMs: 500,
      onUnhealthy: 'restart',
    });
  });

  test('without a start period', () => {
    expect(check('{tcp: 80, startPeriod: 0}')).toMatchObject({ startPeriodMs: 0 });
  });
});

describe('healthcheck places', () => {
  test.each([
    ['no question', '{}', ['4:18 missing-key']],
    ['an empty one', '', ['4:5 wrong-type']],
    ['only an interval', '{interval: 1s}', ['4:18 missing-key']],
    ['two questions', '{http: {port: 80}, tcp: 80}', ['4:37 conflict']],
    ['a question beside none', '{exec: [/x], test: NONE}', ['4:31 conflict']],
    [
      'two, one of them wrong',
      '{tcp: 0, file: x}',
      ['4:24 invalid-value', '4:27 conflict', '4:33 invalid-value'],
    ],
    ['a mistyped key', '{tcp: 80, intervall: 1s}', ['4:28 unknown-key interval']],
    ["compose's key", '{tcp: 80, start_period: 1s}', ['4:28 unknown-key startPeriod']],
    ['a program that is a line', '{exec: /bin/true}', ['4:25 wrong-type']],
    ['no program', '{exec: []}', ['4:25 invalid-value']],
    ['an argument that is no text', '{exec: [sleep, 1]}', ['4:33 wrong-type']],
    ['a URL with TLS', '{http: "https://127.0.0.1/"}', ['4:25 invalid-value']],
    ['a URL with a name', '{http: "http://example.com/"}', ['4:25 invalid-value']],
    ['a URL with a password', '{http: "http://u:p@127.0.0.1/"}', ['4:25 invalid-value']],
    ['a URL with port 0', '{http: "http://127.0.0.1:0/"}', ['4:25 invalid-value']],
    ['no URL', '{http: /healthz}', ['4:25 invalid-value']],
    ['another protocol', '{http: "ftp://127.0.0.1"}', ['4:25 invalid-value']],
    ['a URL that is a number', '{http: 80}', ['4:25 wrong-type']],
    ['http without a port', '{http: {path: /}}', ['4:25 missing-key']],
    ['http with a key that is none', '{http: {port: 1, pth: /}}', ['4:35 unknown-key path']],
    ['http with a name', '{http: {port: 1, host: web}}', ['4:41 invalid-value']],
    ['http with a relative path', '{http: {port: 1, path: x}}', ['4:41 invalid-value']],
    [
      'http with a line break in the path',
      '{http: {port: 1, path: "/\\r\\nX: y"}}',
      ['4:41 invalid-value'],
    ],
    ['port 0', '{tcp: 0}', ['4:24 invalid-value']],
    ['a port that is none', '{tcp: 65536}', ['4:24 invalid-value']],
    ['a port that is none, in quotes', '{tcp: "65536"}', ['4:24 invalid-value']],
    ['half a port', '{tcp: 1.5}', ['4:24 wrong-type']],
    ['a port that is a word', '{tcp: redis}', ['4:24 invalid-value']],
    ['a host that is a name', '{tcp: redis:6379}', ['4:24 invalid-value']],
    ['a host without a port', '{tcp: "127.0.0.1:"}', ['4:24 invalid-value']],
    ['a host that is no address', '{tcp: 256.0.0.1:80}', ['4:24 invalid-value']],
    ['IPv6 without brackets', '{tcp: "::1:80"}', ['4:24 invalid-value']],
    ['a relative file', '{file: run/x}', ['4:25 invalid-value']],
    ['a file without a path', '{file: {maxAge: 1s}}', ['4:25 missing-key']],
    [
      'a file that may be no older than now',
      '{file: {path: /x, maxAge: 0}}',
      ['4:44 bad-duration'],
    ],
    ['a test of an unknown kind', '{test: [CMD_SHELL, x]}', ['4:26 unknown-value CMD-SHELL']],
    ['a test that is a program', '{test: [redis-cli, ping]}', ['4:26 unknown-value']],
    ['a test of nothing', '{test: []}', ['4:25 unknown-value']],
    ['a test without a program', '{test: [CMD]}', ['4:26 unknown-value']],
    ['a test with two lines', '{test: [CMD-SHELL, a, b]}', ['4:26 unknown-value']],
    ['a test that is none and one', '{test: [NONE, a]}', ['4:26 unknown-value']],
    ['an empty test', '{test: ""}', ['4:25 invalid-value']],
    ['no interval', '{tcp: 1, interval: 0}', ['4:37 bad-duration']],
    ['no timeout', '{tcp: 1, timeout: 0s}', ['4:36 bad-duration']],
    ['no start interval', '{tcp: 1, startInterval: 0}', ['4:42 bad-duration']],
    ['a negative start period', '{tcp: 1, startPeriod: -1}', ['4:40 bad-duration']],
    ['no retries', '{tcp: 1, retries: 0}', ['4:36 invalid-value']],
    ['a mistyped action', '{tcp: 1, onUnhealthy: restrt}', ['4:40 unknown-value restart']],
  ])('%s', (_, keys, expected) => {
    expect(problems(withKeys('services', `healthcheck: ${keys}`))).toEqual(expected);
  });

  test('a check of an onboot task with a word about it', () => {
    const text = withKeys('onboot', 'healthcheck: {tcp: 1}');
    expect(parseConfig('x.yml', text).diagnostics[0]?.message).toBe(
      '"healthcheck" is a key of a service, and this is an onboot task',
    );
  });
});
