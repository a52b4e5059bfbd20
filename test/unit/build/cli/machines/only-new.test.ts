import { describe, expect, it } from 'vitest';
import { onlyNew } from '../../../../../build/cli/machines/only-new.ts';

describe('onlyNew()', () => {
  it('takes each number of each log once', () => {
    const fresh = onlyNew();
    const taken = [1, 2, 2, 1, 3].map((seq) => fresh.isNew('a', { seq, atMs: seq }));
    expect(taken).toEqual([true, true, false, false, true]);
    expect(fresh.isNew('b', { seq: 1, atMs: 1 })).toBe(true);
  });

  it('goes by time when the numbers have begun again, and by numbers after that', () => {
    const fresh = onlyNew();
    fresh.isNew('a', { seq: 7, atMs: 700 });
    fresh.beginAgain();
    expect(fresh.isNew('a', { seq: 1, atMs: 700 })).toBe(false);
    expect(fresh.isNew('a', { seq: 2, atMs: 701 })).toBe(true);
    expect(fresh.isNew('a', { seq: 3, atMs: 701 })).toBe(true);
    expect(fresh.isNew('a', { seq: 3, atMs: 702 })).toBe(false);
  });
});
