import { describe, expect, test } from 'vitest';
import { normalisePath, UnsafePathError } from '../../../../build/rootfs/path.ts';

describe('normalisePath()', () => {
  test.each([
    ['./usr/bin/', 'usr/bin'],
    ['/usr//bin', 'usr/bin'],
    ['usr/./bin', 'usr/bin'],
    ['./', ''],
    ['...', '...'],
    ['a/..b/c..', 'a/..b/c..'],
  ])('takes %s as %s', (name, path) => {
    expect(normalisePath(name)).toBe(path);
  });

  test.each(['../etc/passwd', 'a/../../b', '/..', 'a/..', 'a\0b'])('refuses %j', (name) => {
    expect(() => normalisePath(name)).toThrow(UnsafePathError);
  });
});
