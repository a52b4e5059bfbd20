import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createLimiter } from '../../../../supervisor/interpreter/limiter.ts';

it('createLimiter() lets so many work at once, in the order they came', async () => {
  const limit = createLimiter(2);
  const begun: number[] = [];
  const finish: (() => void)[] = [];
  const all = [0, 1, 2, 3].map((n) =>
    limit(() => {
      begun.push(n);
      return new Promise<void>((resolve) => (finish[n] = resolve));
    }),
  );
  await nextTurn();
  expect(begun).toEqual([0, 1]);
  finish[1]?.();
  await nextTurn();
  expect(begun).toEqual([0, 1, 2]);
  finish[0]?.();
  finish[2]?.();
  await nextTurn();
  finish[3]?.();
  await Promise.all(all);
});

it('createLimiter() lets what finishes go before what begins, so that little is half done', async () => {
  const limit = createLimiter(2);
  let halfDone = 0;
  let most = 0;
  const container = async (): Promise<void> => {
    await limit(async () => {
      await nextTurn();
      halfDone += 1;
      most = Math.max(most, halfDone);
    });
    await limit(async () => {
      await nextTurn();
      halfDone -= 1;
    }, 'finishes');
  };
  await Promise.all(Array.from({ length: 20 }, container));
  expect(halfDone).toBe(0);
  expect(most).toBeLessThanOrEqual(4);
});

it('createLimiter() passes results and failures on, and a failure frees its place', async () => {
  const limit = createLimiter(1);
  await expect(limit(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await limit(() => Promise.resolve(7))).toBe(7);
});
