import { describe, expect, test } from 'vitest';

import { compileManifest } from '../../../../build/config/compile-manifest.ts';
import { parseConfig } from '../../../../build/config/parse-config.ts';
import { byReference, image, problems, validConfig } from './fixtures.ts';

const HASH = `$scrypt$ln=13,r=8,p=10$${'A'.repeat(22)}$${'B'.repeat(43)}`;
const KERNEL = 'kernel: {image: k}\n';

describe('console', () => {
  test.each([
    ['console: off', { mode: 'off', quiet: false }],
    ['console: status', { mode: 'status', quiet: false }],
    ['console: control', { mode: 'control', quiet: false }],
    ['console: shell', { mode: 'shell', quiet: false }],
    ['console: {}', { mode: 'status', quiet: false }],
    ['console: {mode: control, quiet: true}', { mode: 'control', quiet: true }],
    [`console: {password: "${HASH}"}`, { mode: 'status', quiet: false, password: HASH }],
    ['', undefined],
  ])('%s', (text, policy) => {
    expect(validConfig(`${KERNEL}${text}`).config.console).toEqual(policy);
  });

  test.each([
    ['console: contrl', ['2:10 unknown-value control']],
    ['console: {mode: shel}', ['2:17 unknown-value shell']],
    ['console: true', ['2:10 wrong-type']],
    ['console: {mod: status}', ['2:11 unknown-key mode']],
    ['console: {quiet: often}', ['2:18 wrong-type']],
    ['console: {password: swordfish}', ['2:21 invalid-value']],
    [`console: {mode: off, password: "${HASH}"}`, ['2:22 conflict']],
    [`console: {password: "${HASH.replace('ln=13', 'ln=20')}"}`, ['2:21 invalid-value']],
  ])('%s is refused in its place', (text, expected) => {
    expect(problems(`${KERNEL}${text}`)).toEqual(expected);
  });

  test('does not repeat a password that stands there in plain text', () => {
    const [problem] = parseConfig('x.yml', `${KERNEL}console: {password: swordfish}`).diagnostics;
    expect(problem?.message).toContain('ishmael password');
    expect(problem?.message).not.toContain('swordfish');
  });

  test('lets only look in an image that does not say', () => {
    const manifest = compileManifest(validConfig(KERNEL).config, byReference(image('k')), 'm');
    expect(manifest.console).toEqual({ mode: 'status', quiet: false });
  });
});

describe('a password', () => {
  const withBind = (source: string, console: string): string =>
    `${KERNEL}services: [{name: a, image: i, binds: ["${source}:/x"]}]\nconsole: ${console}`;

  test.each(['/', '/etc', '/etc/', '/etc/ishmael', '/var/../etc/./ishmael/manifest.json'])(
    'is not to be had by a container that has %s',
    (source) => {
      const text = withBind(source, `{password: "${HASH}"}`);
      expect(problems(text).map((one) => one.slice(2))).toEqual(['40 conflict']);
      expect(problems(withBind(source, 'control'))).toEqual([]);
    },
  );

  test.each(['/etc/resolv.conf', '/var', '/run'])('is not where %s is', (source) => {
    expect(problems(withBind(source, `{password: "${HASH}"}`))).toEqual([]);
  });
});
