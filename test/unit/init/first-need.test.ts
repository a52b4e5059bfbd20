import { closeSync, fstatSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { awaitNeed, consoleNeed, watchForTrouble } from '../../../init/first-need.ts';
import { History } from '../../../supervisor/history.ts';
import { FakeSys } from '../../support/fake-sys.ts';

const change = (severity: 'info' | 'warning' | 'error') => ({
  atMs: 1,
  unit: 'web',
  severity,
  text: 'something',
});

test.each(['warning', 'error'] as const)('one %s is trouble, and stays trouble', (severity) => {
  const history = new History();
  history.add(change('info'));
  const isTrouble = watchForTrouble(history);
  expect(isTrouble()).toBe(false);
  history.add(change('info'));
  expect(isTrouble()).toBe(false);
  history.add(change(severity));
  history.add(change('info'));
  expect(isTrouble()).toBe(true);
});

test('what has gone wrong before is trouble as well', () => {
  const history = new History();
  history.add(change('error'));
  history.add(change('info'));
  expect(watchForTrouble(history)()).toBe(true);
});

describe('consoleNeed()', () => {
  const nothing = { isTrouble: () => false, isSettled: () => false };

  test.each([
    ['nothing', false, {}, 0, false],
    ['nothing', true, {}, 3_600_000, false],
    ['trouble', false, { isTrouble: () => true }, 0, true],
    ['trouble', true, { isTrouble: () => true }, 0, true],
    ['the end of the boot', false, { isSettled: () => true }, 0, true],
    ['the end of the boot', true, { isSettled: () => true }, 0, false],
    ['a boot that takes 7.9 s', false, {}, 7_900, false],
    ['a boot that takes 8 s', false, {}, 8_000, true],
  ])('%s, quiet: %s', (_what, isQuiet, needs, laterMs, isNeeded) => {
    let now = 1_000;
    const need = consoleNeed({ ...nothing, ...needs }, { isQuiet, nowMs: () => now });
    now += laterMs;
    expect(need()).toBe(isNeeded);
  });
});

test('a console is needed when there is input, and the line stays open until then', async () => {
  const sys = new FakeSys();
  let isNeeded = false;
  const need = awaitNeed(sys, { device: '/dev/null', baud: 9600, isNeeded: () => false });
  void need.then(() => (isNeeded = true));
  await expect.poll(() => sys.calls.filter(({ name }) => name === 'hasInput').length).toBe(2);
  expect(isNeeded).toBe(false);
  sys.input = true;
  const line = await need;
  if (line === undefined) throw new Error('no line');
  expect(fstatSync(line).isCharacterDevice()).toBe(true);
  closeSync(line);
  expect(sys.calls.slice(0, 2)).toEqual([
    { name: 'setKeyInput', args: [line] },
    { name: 'setLineSpeed', args: [line, 9600] },
  ]);
});

test('a console comes at once where it is needed', async () => {
  const sys = new FakeSys();
  const line = await awaitNeed(sys, { device: '/dev/null', isNeeded: () => true });
  if (line !== undefined) closeSync(line);
  expect(sys.calls).toEqual([{ name: 'setKeyInput', args: [line] }]);
});

test('a device with nothing behind it is left to the console', async () => {
  const quiet = { isNeeded: () => false };
  expect(await awaitNeed(new FakeSys(), { device: '/nowhere', ...quiet })).toBe(undefined);
  const noTerminal = new FakeSys();
  noTerminal.failNext('setKeyInput', 'ENOTTY');
  expect(await awaitNeed(noTerminal, { device: '/dev/null', ...quiet })).toBe(undefined);
});
