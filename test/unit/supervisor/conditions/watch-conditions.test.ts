import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { PROGRAM_EPOCH_MS } from '../../../../supervisor/conditions/epoch.ts';
import { machineSights } from '../../../../supervisor/conditions/machine-sights.ts';
import {
  type Sights,
  watchConditions,
} from '../../../../supervisor/conditions/watch-conditions.ts';
import type { Condition } from '../../../../supervisor/service/policy.ts';
import { FakeSys } from '../../../support/fake-sys.ts';

const PATH = { kind: 'path', path: '/run/secret' } as const;
const NETWORK = { kind: 'network', interface: 'eth0' } as const;
const SET = { kind: 'time', is: 'set' } as const;
const SYNCHRONIZED = { kind: 'time', is: 'synchronized' } as const;
const ETH0 = { eth0: [{ address: '10.0.2.15', family: 'IPv4', internal: false }] } as const;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A machine that has nothing yet, and counts how often it is looked at. */
function bareMachine(): { -readonly [Key in keyof Sights]: Sights[Key] } {
  const machine = {
    exists: () => Promise.resolve(false),
    interfaces: () => ({}),
    nowMs: () => 0,
    isClockSynchronized: () => false,
  };
  return machine;
}

it('tells what is missing at once, at each change and when nothing is, and then looks no more', async () => {
  const machine = bareMachine();
  const told: (readonly Condition[])[] = [];
  watchConditions([PATH, NETWORK, SET, SYNCHRONIZED], machine, (missing) => told.push(missing));
  await vi.advanceTimersByTimeAsync(0);
  expect(told).toEqual([[PATH, NETWORK, SET, SYNCHRONIZED]]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(told).toHaveLength(1);
  machine.interfaces = () => ETH0;
  machine.nowMs = () => PROGRAM_EPOCH_MS;
  await vi.advanceTimersByTimeAsync(250);
  expect(told.at(-1)).toEqual([PATH, SYNCHRONIZED]);
  machine.exists = () => Promise.resolve(true);
  machine.isClockSynchronized = () => true;
  await vi.advanceTimersByTimeAsync(250);
  expect(told.at(-1)).toEqual([]);
  expect(told).toHaveLength(3);
  expect(vi.getTimerCount()).toBe(0);
});

it('tells that nothing is missing as well', async () => {
  const told: (readonly Condition[])[] = [];
  const machine = { ...bareMachine(), exists: () => Promise.resolve(true) };
  watchConditions([PATH], machine, (missing) => told.push(missing));
  await vi.advanceTimersByTimeAsync(0);
  expect(told).toEqual([[]]);
});

it('says nothing after it was ended, not even from a look that was under way', async () => {
  const told: (readonly Condition[])[] = [];
  let answer: ((there: boolean) => void) | undefined;
  const exists = (): Promise<boolean> => new Promise((resolve) => (answer = resolve));
  const stop = watchConditions([PATH], { ...bareMachine(), exists }, (each) => told.push(each));
  stop();
  answer?.(false);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(told).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

it('can be ended by who is told', async () => {
  let count = 0;
  const stop = watchConditions([PATH], bareMachine(), () => {
    count += 1;
    stop();
  });
  await vi.advanceTimersByTimeAsync(1_000);
  expect([count, vi.getTimerCount()]).toEqual([1, 0]);
});

it('never has two looks at once: one may hang', async () => {
  let looks = 0;
  const exists = (): Promise<boolean> => {
    looks += 1;
    return new Promise(() => undefined);
  };
  watchConditions([PATH], { ...bareMachine(), exists }, () => undefined);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(looks).toBe(1);
});

it('takes what cannot be looked at for missing, and looks again', async () => {
  const told: (readonly Condition[])[] = [];
  const machine = bareMachine();
  machine.interfaces = () => {
    throw new Error('EMFILE');
  };
  watchConditions([NETWORK], machine, (missing) => told.push(missing));
  await vi.advanceTimersByTimeAsync(0);
  machine.interfaces = () => ETH0;
  await vi.advanceTimersByTimeAsync(250);
  expect(told).toEqual([[NETWORK], []]);
});

it('machineSights() sees this machine', async () => {
  vi.useRealTimers();
  const sys = new FakeSys();
  const sights = machineSights(sys);
  expect(await sights.exists({ kind: 'path', path: import.meta.filename })).toBe(true);
  expect(await sights.exists({ kind: 'path', path: `${import.meta.filename}/no` })).toBe(false);
  expect(sights.isClockSynchronized()).toBe(false);
  sys.clockSynchronized = true;
  expect(sights.isClockSynchronized()).toBe(true);
  expect(sights.nowMs()).toBeGreaterThan(PROGRAM_EPOCH_MS);
});
