import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { ReadShare } from '../../../../supervisor/log/read-share.ts';

it('ReadShare lets a reader go on that is seldom busy', () => {
  const share = new ReadShare();
  for (let at = 0; at < 1000; at += 10) expect(share.spend(at, at + 1)).toBe(0);
});

it('ReadShare pauses a reader that was busy all the time for as long again', () => {
  const share = new ReadShare();
  expect(share.spend(0, 3)).toBe(0);
  expect(share.spend(3, 5)).toBe(5);
});

it('ReadShare makes one long read pay for itself', () => {
  expect(new ReadShare().spend(100, 120)).toBe(20);
});

it('ReadShare counts all readers together and pauses each after its turn', () => {
  const share = new ReadShare();
  expect(share.spend(0, 4)).toBe(4);
  expect(share.spend(4, 5)).toBe(5);
});

it('ReadShare leaves half of the time, however long each read takes', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 50 }), (reads) => {
      const share = new ReadShare();
      let nowMs = 0;
      let busyMs = 0;
      for (const read of reads) {
        busyMs += read;
        nowMs += read + share.spend(nowMs, nowMs + read);
      }
      // The last portion may be unfinished, so not yet paid for.
      expect(busyMs - 4).toBeLessThanOrEqual(nowMs / 2);
    }),
  );
});
