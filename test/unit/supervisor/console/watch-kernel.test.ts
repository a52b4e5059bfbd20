import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { watchKernel } from '../../../../supervisor/console/watch-kernel.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('watchKernel() tells once for a burst of what the kernel prints, and of nothing else', async () => {
  const stop = new AbortController();
  const onSpoken = vi.fn<() => void>();
  let tell = (_priority?: number): void => {};
  const client = {
    stream: async (_path: string, onItem: (item: never) => void, signal?: AbortSignal) => {
      tell = (priority) => {
        onItem({ seq: 1, atMs: 1, stream: 'kernel', text: 'x', priority } as never);
      };
      await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()));
    },
  };
  const watching = watchKernel(client, onSpoken, stop.signal);
  for (const quietly of [4, 5, 6, 7, undefined]) tell(quietly);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(onSpoken).not.toHaveBeenCalled();
  for (let n = 0; n < 10; n += 1) tell(3);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(onSpoken).toHaveBeenCalledTimes(1);
  stop.abort();
  await watching;
});
