import { expect, it } from 'vitest';
import { RateLimit } from '../../../../supervisor/log/rate-limit.ts';

const RULE = { lines: 10, intervalMs: 1000 };

it('RateLimit leaves room for the lines of its rule in each window', () => {
  const rate = new RateLimit(RULE);
  expect(rate.room(5000)).toBe(10);
  rate.count(7, 0);
  expect(rate.room(5999)).toBe(3);
  rate.count(3, 90);
  expect(rate.room(5999)).toBe(0);
  expect(rate.room(6000)).toBe(10);
});

it('RateLimit begins a window with the first line after the last one', () => {
  const rate = new RateLimit(RULE);
  rate.room(0);
  rate.count(10, 0);
  expect(rate.room(90_000)).toBe(10);
  rate.count(10, 0);
  expect(rate.room(90_999)).toBe(0);
});

it('RateLimit says once, after the window, how many lines were dropped', () => {
  const rate = new RateLimit(RULE);
  rate.room(0);
  rate.count(10, 5);
  expect(rate.reportDueMs).toBe(1000);
  expect(rate.takeReport(999)).toBeUndefined();
  rate.count(0, 7);
  expect(rate.takeReport(1000)).toBe('12 lines dropped: above 10 in 1 s');
  expect(rate.takeReport(1001)).toBeUndefined();
  expect(rate.reportDueMs).toBeUndefined();
});

it('RateLimit has nothing to report when nothing was dropped', () => {
  const rate = new RateLimit(RULE);
  rate.room(0);
  rate.count(10, 0);
  expect(rate.takeReport(5000)).toBeUndefined();
});

it('RateLimit without a limit has room for everything', () => {
  const rate = new RateLimit('unlimited');
  expect(rate.room(0)).toBe(Number.POSITIVE_INFINITY);
  rate.count(1_000_000_000, 0);
  expect(rate.room(0)).toBe(Number.POSITIVE_INFINITY);
  expect(rate.reportDueMs).toBeUndefined();
});
