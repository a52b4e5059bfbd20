import { describe, expect, it } from 'vitest';
import type { Boot, Results } from '../../bench/figures.ts';
import { bootOutcome, renderOutcomes } from '../../bench/report.ts';
import { checkTargets } from '../../bench/targets.ts';

function boot(pong: number, memoryUsedKiB: number, initRssAnonKiB = 9_000): Boot {
  return {
    qemuToInitMs: 6_000,
    kernelStampMs: 5_000,
    sinceInit: { program: 1, mounts: 2, services: 3, redisBegan: 4, redisReady: 5, pong },
    memoryUsedKiB,
    initRssAnonKiB,
    initThreads: 3,
  };
}

const RESULTS: Results = {
  rounds: 3,
  ishmael: [boot(3_000, 200_000), boot(3_600, 190_000), boot(9_000, 190_000)],
  busybox: [boot(2_000, 90_000), boot(2_000, 90_000), boot(2_100, 90_000)],
  images: {
    ishmael: { kernel: 11_000_000, initrd: 38_000_000 },
    busybox: { kernel: 11_000_000, initrd: 15_000_000 },
    initrdWithoutRedis: 31_990_000,
  },
  warmBuildMs: [400, 600, 500],
  ownProcesses: [{ unit: 'host-bridge', connectedKiB: 10_240 }],
};

const reached = (results: Results): Record<string, boolean> =>
  Object.fromEntries(checkTargets(results).map((target) => [target.what, target.reached]));

describe('checkTargets()', () => {
  it('compares medians, so one slow round does not decide', () => {
    expect(checkTargets(RESULTS)[0]).toMatchObject({ is: '1.80 ×', reached: true });
  });

  it('reaches every target with these figures', () => {
    expect(Object.values(reached(RESULTS))).toEqual(Array(6).fill(true));
  });

  it('counts MB as millions of bytes', () => {
    // 12,800 KiB are 13.1 MB, and 12.5 MiB.
    const ishmael = [boot(3_000, 190_000, 12_800)];
    expect(reached({ ...RESULTS, ishmael })['RssAnon of PID 1']).toBe(false);
  });

  it('misses with one thread too many in one round', () => {
    const ishmael = [...RESULTS.ishmael, { ...boot(3_000, 190_000), initThreads: 5 }];
    expect(reached({ ...RESULTS, ishmael })['threads of PID 1']).toBe(false);
  });
});

describe('renderOutcomes()', () => {
  const text = renderOutcomes([bootOutcome(RESULTS)]);
  const row = (label: string): string =>
    text.split('\n').find((line) => line.startsWith(label)) ?? '';

  it('shows median, least and most, and the ratio of the medians', () => {
    expect(row('/init → Redis answers, ms')).toMatch(
      /3600 \(3000–9000\) +2000 \(2000–2100\) +1\.80$/,
    );
  });

  it('leaves the ratio out where only we have the figure', () => {
    expect(row('initrd without redis')).toMatch(/31\.99$/);
  });

  it('says which targets are reached', () => {
    expect(row('warm build  ')).toMatch(/≤ 2 s +0\.50 s +yes$/);
  });

  it('shows our other processes', () => {
    expect(row('host-bridge')).toMatch(/– +10\.00$/);
  });
});
