import { describe, expect, test } from 'vitest';
import { pinnedDigest, storedName } from '../../../../build/image/reference.ts';

describe('storedName()', () => {
  test.each([
    ['ishmael/redis', 'ishmael/redis:latest'],
    ['ishmael/redis:7', 'ishmael/redis:7'],
    ['registry.test:5000/redis', 'registry.test:5000/redis:latest'],
    ['registry.test:5000/redis:7', 'registry.test:5000/redis:7'],
    ['redis@sha256:00', 'redis@sha256:00'],
  ])('keeps %s as %s', (reference, name) => {
    expect(storedName(reference)).toBe(name);
  });
});

describe('pinnedDigest()', () => {
  test('finds the digest behind @', () => {
    expect(pinnedDigest('redis:7@sha256:00')).toBe('sha256:00');
    expect(pinnedDigest('redis:7')).toBeUndefined();
  });
});
