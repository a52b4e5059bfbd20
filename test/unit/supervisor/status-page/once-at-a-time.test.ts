import { expect, it } from 'vitest';
import { onceAtATime } from '../../../../supervisor/status-page/once-at-a-time.ts';

it('onceAtATime() asks once for all who ask together or soon after', async () => {
  let [asked, nowMs] = [0, 0];
  const ask = onceAtATime(
    async () => (asked += 1),
    100,
    () => nowMs,
  );
  expect(await Promise.all([ask(), ask()])).toEqual([1, 1]);
  nowMs = 99;
  expect(await ask()).toBe(1);
  expect(await ask(true)).toBe(2);
  nowMs = 300;
  expect(await ask()).toBe(3);
});

it('onceAtATime() keeps no failure', async () => {
  let asked = 0;
  const ask = onceAtATime(
    async () => {
      asked += 1;
      if (asked === 1) throw new Error('gone');
      return asked;
    },
    100,
    () => 0,
  );
  await expect(ask()).rejects.toThrow('gone');
  expect(await ask()).toBe(2);
});

it('onceAtATime() gives a fresh answer that was not under way, one to all who want it', async () => {
  let asked = 0;
  const ask = onceAtATime(
    async () => (asked += 1),
    100,
    () => 0,
  );
  expect(await Promise.all([ask(), ask(true), ask(true), ask(true)])).toEqual([1, 2, 2, 2]);
});
