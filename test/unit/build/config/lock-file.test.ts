import { describe, expect, test } from 'vitest';
import {
  LockFileError,
  mergeLock,
  parseLock,
  renderLock,
} from '../../../../build/config/lock-file.ts';

const ENTRY = { digest: `sha256:${'0a'.repeat(32)}`, source: 'docker.io/library/redis:7' };

describe('a lock file', () => {
  test('reads back, sorted, the same on any day', () => {
    const lock = new Map([
      ['redis:7', ENTRY],
      ['alpine', { ...ENTRY, source: 'x' }],
    ]);
    const text = renderLock(lock);
    expect(text.indexOf('alpine')).toBeLessThan(text.indexOf('redis'));
    expect(parseLock(text, 'x')).toEqual(lock);
    expect(renderLock(parseLock(text, 'x'))).toBe(text);
  });

  test('keeps the entries of other files', () => {
    const newer = { ...ENTRY, digest: `sha256:${'0b'.repeat(32)}` };
    const merged = mergeLock(
      new Map([
        ['a', ENTRY],
        ['b', ENTRY],
      ]),
      new Map([['b', newer]]),
    );
    expect([...merged]).toEqual([
      ['a', ENTRY],
      ['b', newer],
    ]);
  });

  test.each([
    ['no JSON', 'x: y'],
    ['of a later version', '{"version": 2, "images": {}}'],
    ['with a digest that is none', '{"version":1,"images":{"a":{"digest":"1","source":"b"}}}'],
  ])('that is %s is refused by name', (_, text) => {
    expect(() => parseLock(text, 'dir/ishmael.lock')).toThrow(LockFileError);
    expect(() => parseLock(text, 'dir/ishmael.lock')).toThrow('dir/ishmael.lock');
  });
});
