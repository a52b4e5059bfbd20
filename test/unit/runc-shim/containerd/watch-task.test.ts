import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GrpcError, type GrpcErrorCode } from '../../../../runc-shim/containerd/grpc-error.ts';
import { watchTask } from '../../../../runc-shim/containerd/watch-task.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const EXIT = { kind: 'exited', code: 3 } as const;

/** Answers with each of `codes`, the last again and again; then with the exit. */
function waiting(...codes: (GrpcErrorCode | 'exit')[]): () => Promise<typeof EXIT> {
  let asked = 0;
  return async () => {
    const code = codes[Math.min(asked, codes.length - 1)] ?? 'exit';
    asked += 1;
    if (code === 'exit') return EXIT;
    throw new GrpcError(code, 'Tasks/Wait', code);
  };
}

async function outcome(
  wait: () => Promise<typeof EXIT>,
  processExists: () => boolean,
  forMs: number,
): Promise<unknown> {
  let end: unknown = 'none';
  void watchTask({ wait, processExists }, 71).then((how) => (end = how));
  await vi.advanceTimersByTimeAsync(forMs);
  return end;
}

describe('watchTask()', () => {
  it('tells how it has ended', async () => {
    expect(await outcome(waiting('exit'), () => true, 0)).toEqual(EXIT);
  });

  it('asks again when containerd was away, and when it does not know of a process that lives', async () => {
    const wait = waiting('unavailable', 'unavailable', 'not-found', 'exit');
    expect(await outcome(wait, () => true, 1_000)).toEqual(EXIT);
  });

  it('lets containerd come back and explain a process that is gone', async () => {
    const codes = Array.from({ length: 100 }, () => 'unavailable' as const);
    expect(await outcome(waiting(...codes, 'exit'), () => false, 30_000)).toEqual(EXIT);
  });

  it('is told that nobody can explain it: lost', async () => {
    expect(await outcome(waiting('not-found'), () => false, 0)).toEqual({ kind: 'lost' });
  });

  it('does not wait for ever for a containerd that stays away', async () => {
    const wait = waiting('unavailable');
    expect(await outcome(wait, () => false, 59_000)).toBe('none');
    expect(await outcome(wait, () => false, 61_000)).toEqual({ kind: 'lost' });
    expect(await outcome(wait, () => true, 600_000)).toBe('none');
  });
});
