import { describe, expect, it } from 'vitest';
import type { Boot } from '../../bench/figures.ts';
import { implausible } from '../../bench/plausible.ts';

function boot(instants: Partial<Boot['sinceInit']>): Boot {
  return {
    qemuToInitMs: 6_000,
    kernelStampMs: 5_000,
    sinceInit: {
      program: 900,
      mounts: 1_000,
      services: 1_500,
      redisBegan: 3_700,
      redisReady: 3_800,
      pong: 4_000,
      ...instants,
    },
    memoryUsedKiB: 1,
    initRssAnonKiB: 1,
    initThreads: 1,
  };
}

describe('implausible()', () => {
  it('takes a boot in its order', () => {
    expect(implausible(boot({}))).toBeUndefined();
    expect(implausible(boot({ nodeStart: 120 }))).toBeUndefined();
  });

  it('refuses a program that started before /init was run', () => {
    expect(implausible(boot({ nodeStart: -40 }))).toMatch(/order/);
    expect(implausible(boot({ program: -1 }))).toMatch(/order/);
  });

  it('refuses an answer before Redis listened, but not one within the error of the clocks', () => {
    expect(implausible(boot({ pong: 3_780 }))).toBeUndefined();
    expect(implausible(boot({ pong: 3_500 }))).toMatch(/before/);
  });
});
