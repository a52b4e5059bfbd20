import { describe, expect, it } from 'vitest';
import {
  FIRST,
  type Generation,
  isEarlyLoop,
  nextGeneration,
  RESUMED,
} from '../../../init/generation-plan.ts';

/** `count` deaths, `everyMs` apart, beginning at `fromMs`. */
function afterDeaths(start: Generation, count: number, everyMs: number, fromMs = 0): Generation {
  let generation = start;
  for (let n = 0; n < count; n += 1) {
    generation = nextGeneration(generation, fromMs + n * everyMs, 'SIGSEGV');
  }
  return generation;
}

describe('nextGeneration()', () => {
  it('counts, and keeps who died when and how', () => {
    const second = nextGeneration(nextGeneration(FIRST, 1000, 'SIGSEGV'), 2000, 'process.exit(3)');
    expect(second).toEqual({
      number: 2,
      mode: 'normal',
      deaths: [
        { generation: 0, mode: 'normal', atMs: 1000, how: 'SIGSEGV' },
        { generation: 1, mode: 'normal', atMs: 2000, how: 'process.exit(3)' },
      ],
    });
  });

  it('is an emergency after five deaths within a minute, not after four', () => {
    expect(afterDeaths(FIRST, 4, 1000).mode).toBe('normal');
    expect(afterDeaths(FIRST, 5, 1000).mode).toBe('emergency');
  });

  it('is never one when deaths are far enough apart', () => {
    // Five in 60 s and a bit: the first has left the window when the fifth comes.
    expect(afterDeaths(FIRST, 50, 15_000).mode).toBe('normal');
    expect(afterDeaths(FIRST, 5, 14_999).mode).toBe('emergency');
  });

  it('stays one when an emergency dies, and is given up when that dies five times as well', () => {
    const emergency = afterDeaths(FIRST, 5, 100);
    expect(afterDeaths(emergency, 1, 100, 3_600_000).mode).toBe('emergency');
    expect(afterDeaths(emergency, 4, 100, 1000).mode).toBe('emergency');
    expect(afterDeaths(emergency, 5, 100, 1000).mode).toBe('given up');
    expect(afterDeaths(emergency, 20, 15_000, 1000).mode).toBe('emergency');
  });

  it('forgets everything when a person resumes', () => {
    const resumed = nextGeneration(afterDeaths(FIRST, 5, 100), 5000, RESUMED);
    expect(resumed).toEqual({ number: 6, mode: 'normal', deaths: [] });
    expect(afterDeaths(resumed, 4, 100, 6000).mode).toBe('normal');
  });

  it('stays small, whatever the words', () => {
    let generation = FIRST;
    for (let n = 0; n < 100; n += 1)
      generation = nextGeneration(generation, n * 20_000, 'é'.repeat(999));
    expect(Buffer.byteLength(JSON.stringify(generation))).toBeLessThan(4096);
  });
});

describe('isEarlyLoop()', () => {
  it('gives up where no record could be written five times', () => {
    expect([0, 4, 5].map(isEarlyLoop)).toEqual([false, false, true]);
  });
});
