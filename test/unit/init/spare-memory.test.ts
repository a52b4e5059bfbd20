import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { spareMemory } from '../../../init/spare-memory.ts';
import { FakeSys } from '../../support/fake-sys.ts';

const MINUTE_MS = 60_000;
const MB = 1_000_000;

let sys: FakeSys;
/** What is held, and what is garbage. */
let heldBytes: number;
let garbageBytes: number;
let collections: number;

beforeEach(() => {
  vi.useFakeTimers();
  sys = new FakeSys();
  [heldBytes, garbageBytes, collections] = [5 * MB, 2 * MB, 0];
  spareMemory(sys, {
    usedBytes: () => heldBytes + garbageBytes,
    collect() {
      collections += 1;
      garbageBytes = 0;
    },
  });
});

afterEach(() => {
  vi.useRealTimers();
});

it('collects what the boot has left, and gives it back when V8 has freed its pages', () => {
  vi.advanceTimersByTime(10_000);
  expect(collections).toBe(1);
  expect(sys.argsOf('trimHeap')).toHaveLength(0);
  vi.advanceTimersByTime(10_000);
  expect(sys.argsOf('trimHeap')).toHaveLength(1);
});

it('gives back once a minute, and collects only where much has gathered', () => {
  vi.advanceTimersByTime(10 * MINUTE_MS);
  expect(collections).toBe(1);
  expect(sys.argsOf('trimHeap').length).toBeGreaterThanOrEqual(10);
  garbageBytes = 5 * MB;
  vi.advanceTimersByTime(MINUTE_MS);
  expect(collections).toBe(2);
});

it('does not collect again and again what is held', () => {
  vi.advanceTimersByTime(MINUTE_MS);
  heldBytes += 20 * MB;
  vi.advanceTimersByTime(10 * MINUTE_MS);
  expect(collections).toBe(2);
});

it('takes a heap that has become smaller by itself as the new measure', () => {
  heldBytes = 30 * MB;
  vi.advanceTimersByTime(MINUTE_MS);
  heldBytes = 5 * MB;
  vi.advanceTimersByTime(MINUTE_MS);
  garbageBytes = 5 * MB;
  vi.advanceTimersByTime(MINUTE_MS);
  expect(collections).toBe(2);
});
