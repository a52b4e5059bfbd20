import { describe, expect, test } from 'vitest';
import { problems, validConfig } from './fixtures.ts';

describe('verify', () => {
  test('fills in lists', () => {
    const text =
      'kernel: {image: k}\nverify: [{images: "*", key: a.pub}, {images: [a, b], unsigned: accept}]\n';
    expect(validConfig(text).config.verify).toEqual([
      { images: ['*'], keys: ['a.pub'] },
      { images: ['a', 'b'], keys: [], unsigned: 'accept' },
    ]);
    expect(validConfig('kernel: {image: k}\n').config.verify).toEqual([]);
  });

  test.each([
    ['{images: a}', '2:10 missing-key'],
    ['{key: a}', '2:10 missing-key'],
    ['{images: a, key: b, unsigned: accept}', '2:30 conflict'],
    ['{images: a, unsigned: no}', '2:32 unknown-value'],
    ['{images: [], key: a}', '2:19 invalid-value'],
    ['{images: a, keys: b}', '2:22 unknown-key key'],
  ])('refuses %s', (rule, problem) => {
    expect(problems(`kernel: {image: k}\nverify: [${rule}]\n`)).toContain(problem);
  });
});
