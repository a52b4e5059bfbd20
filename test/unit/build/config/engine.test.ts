import { describe, expect, test } from 'vitest';

import { compileManifest } from '../../../../build/config/compile-manifest.ts';
import {
  byReference,
  image,
  problems,
  problemsWithImages,
  validConfig,
  withKeys,
} from './fixtures.ts';

const IMAGE = image('i', { cmd: ['/x'] });

function engines(top: string, keys: string): readonly (string | undefined)[] {
  const { config } = validConfig(`${top}${withKeys('services', keys)}`);
  const manifest = compileManifest(config, byReference(IMAGE), 'm');
  return manifest.services.map(({ engine }) => engine);
}

describe('engine', () => {
  test.each([
    ['', 'restart: no', undefined],
    ['', 'engine: direct', undefined],
    ['', 'engine: containerd', 'containerd'],
    ['engine: containerd\n', 'restart: no', 'containerd'],
    ['engine: containerd\n', 'engine: direct', undefined],
  ])('%j and %s make %s', (top, keys, expected) => {
    expect(engines(top, keys)).toEqual([expected]);
  });

  test('is a word of two, and a key of services only', () => {
    expect(problems(withKeys('services', 'engine: contanerd'))).toEqual([
      '4:13 unknown-value containerd',
    ]);
    expect(problems(withKeys('onboot', 'engine: containerd'))).toEqual(['4:5 unknown-key']);
  });

  test.each([
    ['a descriptor', 'engine: containerd, readiness: {fd: 3}', ['4:25 conflict']],
    ['a terminal', 'engine: containerd, terminal: true', ['4:25 conflict']],
    ['the same without containerd', 'readiness: {fd: 3}, terminal: true', []],
    ['a socket', 'engine: containerd, readiness: notify', []],
  ])('containerd and %s', (_, keys, expected) => {
    expect(problemsWithImages(withKeys('services', keys))).toEqual(expected);
  });

  test('containerd and a terminal that the image asks for', () => {
    const labels = { 'org.mobyproject.config': '{"terminal": true}' };
    const asking = image('i', { cmd: ['/x'], labels });
    expect(problemsWithImages(withKeys('services', 'engine: containerd'), asking)).toEqual([
      expect.stringMatching(/ conflict$/),
    ]);
  });
});
