import { expect, it } from 'vitest';
import { fileNames, isFull, rotationMoves } from '../../../../supervisor/log/rotation.ts';

const RULE = { maxFileBytes: 100, maxFiles: 3 };

it('isFull() is true when the next write would pass the limit', () => {
  expect(isFull(RULE, 60, 40)).toBe(false);
  expect(isFull(RULE, 60, 41)).toBe(true);
});

it('isFull() never asks an empty file to make room', () => {
  expect(isFull(RULE, 0, 1000)).toBe(false);
});

it('rotationMoves() moves the oldest first, so that nothing is overwritten but the oldest', () => {
  expect(rotationMoves(RULE, 'log')).toEqual([
    { from: 'log.1', to: 'log.2' },
    { from: 'log', to: 'log.1' },
  ]);
  expect(fileNames(RULE, 'log')).toEqual(['log', 'log.1', 'log.2']);
});

it('rotationMoves() of a single file are none', () => {
  expect(rotationMoves({ ...RULE, maxFiles: 1 }, 'log')).toEqual([]);
});
