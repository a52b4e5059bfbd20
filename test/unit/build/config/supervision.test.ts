import { describe, expect, test } from 'vitest';

import { parseConfig } from '../../../../build/config/parse-config.ts';
import { problems, validConfig, withKeys } from './fixtures.ts';

describe('parseConfig() reads of a service', () => {
  test.each([
    ['restart: no', { restart: { kind: 'no' } }],
    ['restart: false', { restart: { kind: 'no' } }],
    ['restart: "no"', { restart: { kind: 'no' } }],
    ['restart: always', { restart: { kind: 'always' } }],
    ['restart: unless-stopped', { restart: { kind: 'unless-stopped' } }],
    ['restart: on-failure', { restart: { kind: 'on-failure' } }],
    ['restart: on-failure:5', { restart: { kind: 'on-failure', maxRestarts: 5 } }],
    ['restart: on-failure:0', { restart: { kind: 'on-failure' } }],
    ['successExitStatus: [0, 143, 255]', { successExitStatus: [0, 143, 255] }],
    [
      'startLimit: {burst: 5, interval: 1m}',
      { startLimit: { burst: 5, intervalMs: 60_000, action: 'none' } },
    ],
    [
      'startLimit: {burst: 1, interval: 30, action: poweroff}',
      { startLimit: { burst: 1, intervalMs: 30_000, action: 'poweroff' } },
    ],
    ['stopSignal: SIGQUIT', { stopSignal: 3 }],
    ['stopSignal: int', { stopSignal: 2 }],
    ['stopSignal: 64', { stopSignal: 64 }],
    ['stopSignal: "10"', { stopSignal: 10 }],
    ['stopTimeout: 1m30s', { stopTimeout: 90_000 }],
    ['stopTimeout: 0', { stopTimeout: 0 }],
    ['stopTimeout: 0.5', { stopTimeout: 500 }],
    ['startTimeout: 500ms', { startTimeout: 500 }],
    ['startTimeout: 576h', { startTimeout: 576 * 3_600_000 }],
    ['essential: true', { essential: true }],
  ])('%s', (keys, expected) => {
    expect(validConfig(withKeys('services', keys)).config.services[0]).toMatchObject(expected);
  });

  test('on-failure:0 as no limit at all', () => {
    const { config } = validConfig(withKeys('services', 'restart: on-failure:0'));
    expect(config.services[0]?.restart).toEqual({ kind: 'on-failure' });
  });
});

describe('parseConfig() reads of an onboot task', () => {
  test.each([
    ['timeout: 30s', { timeout: 30_000 }],
    ['onFailure: halt', { onFailure: 'halt' }],
    ['onFailure: reboot', { onFailure: 'reboot' }],
    ['successExitStatus: [3]', { successExitStatus: [3] }],
    ['stopSignal: 9, stopTimeout: 2', { stopSignal: 9, stopTimeout: 2000 }],
    ['', { onFailure: 'continue', stopTimeout: 10_000, successExitStatus: [] }],
  ])('%s', (keys, expected) => {
    const { config } = validConfig(withKeys('onboot', keys));
    expect(config.onboot[0]).toMatchObject(expected);
  });

  test('no limit of time when it has none', () => {
    expect(validConfig(withKeys('onboot', '')).config.onboot[0]).not.toHaveProperty('timeout');
  });
});

describe('parseConfig() places, in a service,', () => {
  test.each([
    ['a mistyped restart', 'restart: allways', ['4:14 unknown-value always']],
    ['a restart that is true', 'restart: true', ['4:14 wrong-type']],
    ['a number of restarts that is none', 'restart: "on-failure:x"', ['4:14 unknown-value']],
    ['an empty number of restarts', 'restart: "on-failure:"', ['4:14 unknown-value']],
    ['a number of restarts where none belongs', 'restart: always:5', ['4:14 unknown-value always']],
    ['an exit status above 255', 'successExitStatus: [1, 256]', ['4:28 invalid-value']],
    ['a negative exit status', 'successExitStatus: [-1]', ['4:25 invalid-value']],
    ['an exit status that is no number', 'successExitStatus: ["1"]', ['4:25 wrong-type']],
    ['exit statuses that are no list', 'successExitStatus: 1', ['4:24 wrong-type']],
    ['a start limit without an interval', 'startLimit: {burst: 1}', ['4:17 missing-key']],
    ['a start limit of none', 'startLimit: {burst: 0, interval: 1s}', ['4:25 invalid-value']],
    ['a start limit over no time', 'startLimit: {burst: 1, interval: 0}', ['4:38 bad-duration']],
    [
      'an unknown action',
      'startLimit: {burst: 1, interval: 1s, action: rebot}',
      ['4:50 unknown-value reboot'],
    ],
    [
      'an unknown key of a start limit',
      'startLimit: {burst: 1, intervall: 1s}',
      ['4:17 missing-key', '4:28 unknown-key interval'],
    ],
    ['a mistyped signal', 'stopSignal: SIGTREM', ['4:17 unknown-signal SIGTERM']],
    ['a mistyped signal without SIG', 'stopSignal: QIUT', ['4:17 unknown-signal SIGQUIT']],
    ['a signal above 64', 'stopSignal: 65', ['4:17 invalid-value']],
    ['a signal below 1', 'stopSignal: 0', ['4:17 invalid-value']],
    ['a signal that is no word', 'stopSignal: [9]', ['4:17 wrong-type']],
    ['a duration of no unit', 'stopTimeout: "10"', ['4:18 bad-duration']],
    ['a duration of unknown unit', 'stopTimeout: 1d', ['4:18 bad-duration']],
    ['a negative duration', 'stopTimeout: -1', ['4:18 bad-duration']],
    ['a duration that is no word', 'stopTimeout: true', ['4:18 wrong-type']],
    ['a duration that has no end', 'stopTimeout: .inf', ['4:18 wrong-type']],
    ['a duration beyond the timers of the guest', 'startTimeout: 577h', ['4:19 bad-duration']],
    ['a start that may take no time', 'startTimeout: 0', ['4:19 bad-duration']],
    ['an essential that is a word', 'essential: "yes"', ['4:16 wrong-type']],
    ["compose's deploy", 'deploy: {}', ['4:5 unknown-key']],
    ['the timeout of onboot tasks', 'timeout: 1s', ['4:5 unknown-key startTimeout']],
    ['the onFailure of onboot tasks', 'onFailure: halt', ['4:5 unknown-key essential']],
  ])('%s', (_, keys, expected) => {
    expect(problems(withKeys('services', keys))).toEqual(expected);
  });

  test('a key of the other kind with a word about it', () => {
    const { diagnostics } = parseConfig('x.yml', withKeys('onboot', 'restart: always'));
    expect(diagnostics[0]?.message).toBe(
      '"restart" is a key of a service, and this is an onboot task',
    );
  });
});

describe('parseConfig() places, in an onboot task,', () => {
  test.each([
    ['a restart', 'restart: no', ['4:5 unknown-key']],
    ['a dependency', 'dependsOn: [b]', ['4:5 unknown-key']],
    ['a start timeout', 'startTimeout: 1s', ['4:5 unknown-key timeout']],
    ['an essential', 'essential: true', ['4:5 unknown-key onFailure']],
    ['a start limit', 'startLimit: {}', ['4:5 unknown-key']],
    ['a time of nothing', 'timeout: 0s', ['4:14 bad-duration']],
    ['an unknown onFailure', 'onFailure: poweroff', ['4:16 unknown-value']],
    ['a mistyped onFailure', 'onFailure: rebot', ['4:16 unknown-value reboot']],
  ])('%s', (_, keys, expected) => {
    expect(problems(withKeys('onboot', keys))).toEqual(expected);
  });
});

describe('parseConfig() and onshutdown:', () => {
  test.each([
    ['a limit of time', 'timeout: 1m, stopTimeout: 1s', []],
    ['what follows a failure', 'onFailure: halt', ['4:5 unknown-key']],
    ['a restart', 'restart: no', ['4:5 unknown-key']],
    ['a check', 'healthcheck: {tcp: 1}', ['4:5 unknown-key']],
    ['a start timeout', 'startTimeout: 1s', ['4:5 unknown-key timeout']],
    ['a time of nothing', 'timeout: 0', ['4:14 bad-duration']],
    ['a group of an unknown name', 'gid: other', ['4:10 unknown-id']],
  ])('places %s', (_, keys, expected) => {
    expect(problems(withKeys('onshutdown', keys))).toEqual(expected);
  });

  test('says whose key another one is', () => {
    const [first] = parseConfig('x.yml', withKeys('onshutdown', 'onFailure: halt')).diagnostics;
    expect(first?.message).toBe(
      '"onFailure" is a key of an onboot task, and this is an onshutdown task',
    );
  });

  test('lets a name repeat', () => {
    const text =
      withKeys('services', '') + 'onshutdown: [{name: a, image: i}, {name: a, image: i}]';
    expect(problems(text)).toEqual([]);
  });

  test('lets no service wait for such a task', () => {
    const text = withKeys('services', 'dependsOn: [z]') + 'onshutdown: [{name: z, image: i}]';
    expect(problems(text)).toEqual(['4:17 unknown-dependency']);
    expect(parseConfig('x.yml', text).diagnostics[0]?.message).toContain('onshutdown task');
  });
});
