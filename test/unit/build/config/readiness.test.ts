import { describe, expect, test } from 'vitest';

import { image, problems, validConfig, withKeys, problemsWithImages } from './fixtures.ts';

describe('readiness', () => {
  test.each([
    ['readiness: notify', { kind: 'notify' }],
    ['readiness: {fd: 3}', { kind: 'fd', fd: 3 }],
    ['readiness: {fd: 9}', { kind: 'fd', fd: 9 }],
    ['readiness: health, healthcheck: {tcp: 80}', { kind: 'health' }],
  ])('reads %s', (keys, expected) => {
    expect(validConfig(withKeys('services', keys)).config.services[0]?.readiness).toEqual(expected);
  });

  test.each([
    ['an unknown word', 'readiness: helth, healthcheck: {tcp: 1}', ['4:16 unknown-value health']],
    ['a number', 'readiness: 3', ['4:16 wrong-type']],
    ['a descriptor below 3', 'readiness: {fd: 2}', ['4:21 invalid-value']],
    ['a descriptor above 9', 'readiness: {fd: 10}', ['4:21 invalid-value']],
    ['no descriptor', 'readiness: {}', ['4:16 missing-key']],
  ])('places %s', (_, keys, expected) => {
    expect(problems(withKeys('services', keys))).toEqual(expected);
  });

  test.each([
    ['no check', 'readiness: health'],
    ['a check that is turned off', 'readiness: health, healthcheck: {tcp: 1, disable: true}'],
  ])('places health with %s, once the image is known', (_, keys) => {
    expect(problemsWithImages(withKeys('services', keys))).toEqual(['4:16 conflict']);
  });

  test('is health with the check of the image', () => {
    const checked = image('i', { cmd: ['/x'], healthcheck: { test: ['CMD', '/ok'] } });
    expect(problemsWithImages(withKeys('services', 'readiness: health'), checked)).toEqual([]);
  });
});

describe('preStart', () => {
  test('reads programs, and lines for a shell', () => {
    const keys = "preStart: [[/bin/mkdir, -p, /data], 'touch /data/x && chown 1 /data/x']";
    expect(validConfig(withKeys('services', keys)).config.services[0]?.preStart).toEqual([
      ['/bin/mkdir', '-p', '/data'],
      ['/bin/sh', '-c', 'touch /data/x && chown 1 /data/x'],
    ]);
  });

  test('is empty when the file says nothing', () => {
    expect(validConfig(withKeys('services', '')).config.services[0]?.preStart).toEqual([]);
  });

  test.each([
    ['a command that is no list of commands', 'preStart: /bin/x', ['4:15 wrong-type']],
    ['an empty command', 'preStart: [[]]', ['4:16 invalid-value']],
    ['an empty line', 'preStart: [""]', ['4:16 invalid-value']],
    ['a map', 'preStart: [{}]', ['4:16 wrong-type']],
    ['an argument that is no text', 'preStart: [[sleep, 1]]', ['4:24 wrong-type']],
  ])('places %s', (_, keys, expected) => {
    expect(problems(withKeys('services', keys))).toEqual(expected);
  });
});
