import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { watchBoot } from '../../../../supervisor/console/boot-watch.ts';
import type { ControlClient } from '../../../../supervisor/control/client.ts';

/** A PID 1 whose answers come when the test lets them. */
function slowPid1(): {
  client: ControlClient;
  settled: boolean;
  asked: string[];
  answer: () => Promise<void>;
} {
  const waiting: (() => void)[] = [];
  const pid1 = {
    settled: false,
    asked: [] as string[],
    client: {
      get: async (path: string) => {
        pid1.asked.push(path);
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
        });
        if (path === '/v1/services') return [];
        if (path === '/v1/machine') return { image: 'box', hostname: 'box', kernel: '6' };
        return { phases: [], milestones: pid1.settled ? { settled: 1 } : {} };
      },
    } as unknown as ControlClient,
    async answer() {
      for (const resolve of waiting.splice(0)) resolve();
      await vi.advanceTimersByTimeAsync(0);
    },
  };
  return pid1;
}

describe('watchBoot()', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  test('asks once for a burst of events', () => {
    const pid1 = slowPid1();
    const watch = watchBoot(pid1.client, () => {});
    for (let n = 0; n < 10; n += 1) watch.somethingHappened();
    vi.advanceTimersByTime(200);
    expect(pid1.asked).toEqual(['/v1/boot']);
  });

  test('tells of the end once, also when more happens while it asks, and never asks again', async () => {
    const pid1 = slowPid1();
    const onSettled = vi.fn<() => void>();
    const watch = watchBoot(pid1.client, onSettled);
    watch.somethingHappened();
    vi.advanceTimersByTime(200);
    pid1.settled = true;
    watch.somethingHappened();
    await pid1.answer();
    watch.somethingHappened();
    await vi.advanceTimersByTimeAsync(1_000);
    await pid1.answer();
    watch.somethingHappened();
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(onSettled).toHaveBeenCalledOnce();
    expect(pid1.asked).toEqual(['/v1/boot', '/v1/machine', '/v1/services']);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('asks again after an event that came while it asked', async () => {
    const pid1 = slowPid1();
    const watch = watchBoot(pid1.client, () => {});
    watch.somethingHappened();
    vi.advanceTimersByTime(200);
    watch.somethingHappened();
    await pid1.answer();
    vi.advanceTimersByTime(200);
    expect(pid1.asked).toEqual(['/v1/boot', '/v1/boot']);
  });

  test('asks seldom while nothing happens, and stops when told', async () => {
    const pid1 = slowPid1();
    const watch = watchBoot(pid1.client, () => {});
    watch.somethingHappened();
    for (let minute = 0; minute < 10; minute += 1) {
      await vi.advanceTimersByTimeAsync(60_000);
      await pid1.answer();
    }
    expect(pid1.asked.length).toBeLessThan(12);
    watch.stop();
    await pid1.answer();
    expect(vi.getTimerCount()).toBe(0);
  });
});
