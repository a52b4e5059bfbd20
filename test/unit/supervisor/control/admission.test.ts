import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Admission } from '../../../../supervisor/control/admission.ts';

/** As much of a connection as admission knows of. */
class Visitor extends EventEmitter {
  destroyed = false;
  destroy(): this {
    if (this.destroyed) return this;
    this.destroyed = true;
    this.emit('close');
    return this;
  }
  destroySoon(): void {
    this.destroy();
  }
}

const LIMITS = { maxInside: 2, timeLimitMs: 2_000, askLimitMs: 100, idleLimitMs: 10_000 };
let inside: unknown[];
let admission: Admission;

beforeEach(() => {
  vi.useFakeTimers();
  inside = [];
  admission = new Admission(LIMITS, (socket) => inside.push(socket));
});
afterEach(() => vi.useRealTimers());

const socketOf = (visitor: Visitor): Socket => visitor as unknown as Socket;
const ask = (visitor: Visitor): boolean => admission.ask(socketOf(visitor));

function arrive(): Visitor {
  const visitor = new Visitor();
  admission.arrive(socketOf(visitor));
  return visitor;
}

test('so many are let in, and the next as soon as one is gone', () => {
  const [first, second, third] = [arrive(), arrive(), arrive()];
  expect(inside).toEqual([first, second]);
  expect(admission.crowded).toBe(true);
  second.destroy();
  expect(inside).toEqual([first, second, third]);
  expect(admission.crowded).toBe(false);
});

test('who goes away while waiting is not let in', () => {
  const [first, , third, fourth] = [arrive(), arrive(), arrive(), arrive()];
  third.destroy();
  first.destroy();
  expect(inside.at(-1)).toBe(fourth);
});

test('a question is allowed inside, and not before the last one is answered', () => {
  const [first, , third] = [arrive(), arrive(), arrive()];
  expect(ask(third)).toBe(false);
  expect(ask(first)).toBe(true);
  expect(ask(first)).toBe(false);
});

test('who was answered may ask again when nobody waits', () => {
  const visitor = arrive();
  ask(visitor);
  admission.answered(socketOf(visitor));
  expect(ask(visitor)).toBe(true);
});

test('an answered one makes room when others wait', () => {
  const [first, , third] = [arrive(), arrive(), arrive()];
  ask(first);
  admission.answered(socketOf(first));
  expect(first.destroyed).toBe(true);
  expect(inside.at(-1)).toBe(third);
});

test('who has not asked in time makes room only if somebody waits', () => {
  const first = arrive();
  vi.advanceTimersByTime(LIMITS.askLimitMs + 1);
  expect(first.destroyed).toBe(false);
  arrive();
  expect(first.destroyed).toBe(false);
  arrive();
  expect(first.destroyed).toBe(true);
});

test.each([
  ['a question that is not answered', LIMITS.timeLimitMs, true],
  ['a connection that never asks', LIMITS.timeLimitMs, false],
])('%s ends in time', (_what, limitMs, asks) => {
  const visitor = arrive();
  if (asks) ask(visitor);
  vi.advanceTimersByTime(limitMs - 1);
  expect(visitor.destroyed).toBe(false);
  vi.advanceTimersByTime(1);
  expect(visitor.destroyed).toBe(true);
});

test('a connection that has asked may stay a while when nobody waits', () => {
  const visitor = arrive();
  ask(visitor);
  admission.answered(socketOf(visitor));
  vi.advanceTimersByTime(LIMITS.idleLimitMs - 1);
  expect(visitor.destroyed).toBe(false);
  vi.advanceTimersByTime(1);
  expect(visitor.destroyed).toBe(true);
});

test('a follower is neither counted nor timed', () => {
  const [first, , third] = [arrive(), arrive(), arrive()];
  ask(first);
  admission.follow(socketOf(first));
  expect(inside.at(-1)).toBe(third);
  vi.advanceTimersByTime(100_000);
  expect(first.destroyed).toBe(false);
});
