import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { SlowFiles } from '../../../supervisor/slow-files.ts';

const never = (): Promise<never> => new Promise(() => undefined);

it('ask() passes answers and failures on, and is then free again', async () => {
  const files = new SlowFiles(1);
  expect(await files.ask('a', () => Promise.resolve(7))).toBe(7);
  await expect(files.ask('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await files.ask('a', () => Promise.resolve(8))).toBe(8);
});

it('ask() refuses who has no answer yet, and lets others through up to the limit', async () => {
  const files = new SlowFiles(2);
  void files.ask('hangs', never);
  await expect(files.ask('hangs', () => Promise.resolve(1))).rejects.toMatchObject({
    code: 'busy',
  });
  expect(await files.ask('other', () => Promise.resolve(2))).toBe(2);
});

it('ask() lets who comes later wait, in order, and never more than the limit begin', async () => {
  const files = new SlowFiles(1);
  const begun: string[] = [];
  const finish: (() => void)[] = [];
  const ask = (who: string): Promise<void> =>
    files.ask(who, () => {
      begun.push(who);
      return new Promise((resolve) => finish.push(resolve));
    });
  const all = ['a', 'b', 'c'].map(ask);
  await expect(files.ask('b', never)).rejects.toMatchObject({ code: 'busy' });
  expect(begun).toEqual(['a']);
  finish[0]?.();
  await nextTurn();
  expect(begun).toEqual(['a', 'b']);
  finish[1]?.();
  await nextTurn();
  finish[2]?.();
  await Promise.all(all);
  expect(begun).toEqual(['a', 'b', 'c']);
});
