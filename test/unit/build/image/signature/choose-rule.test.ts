import { describe, expect, test } from 'vitest';
import type { VerifyRule } from '../../../../../build/config/verify-schema.ts';
import { chooseRule } from '../../../../../build/image/signature/choose-rule.ts';

function rule(...images: readonly string[]): VerifyRule {
  return { images, keys: [images.join()] };
}

const RULES = [
  rule('*'),
  rule('docker.io/'),
  rule('docker.io/library/redis'),
  rule('docker.io/library/redis:7'),
  rule('oci:'),
];

describe('chooseRule()', () => {
  test.each([
    ['quay.example/app', '*'],
    ['team/app', 'docker.io/'],
    ['redis', 'docker.io/library/redis'],
    ['redis:6', 'docker.io/library/redis'],
    ['redis:7', 'docker.io/library/redis:7'],
    // A beginning of a word is no beginning of a name.
    ['redis-evil:7', 'docker.io/'],
    ['redis:70', 'docker.io/library/redis'],
    ['oci:./app', 'oci:'],
    ['build:./app', '*'],
  ])('for %s takes that of %s', (reference, images) => {
    expect(chooseRule(RULES, reference)?.keys).toEqual([images]);
  });

  test('takes the later of two alike, and none where none fits', () => {
    const later = { ...rule('*'), unsigned: 'accept' } as const;
    expect(chooseRule([rule('*'), later], 'x')).toBe(later);
    expect(chooseRule([rule('docker.io/team')], 'x')).toBeUndefined();
  });
});
