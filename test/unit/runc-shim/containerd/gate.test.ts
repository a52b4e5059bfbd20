import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createContainerdGate } from '../../../../runc-shim/containerd/gate.ts';
import { GrpcError, type GrpcErrorCode } from '../../../../runc-shim/containerd/grpc-error.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

let asked = 0;
beforeEach(() => (asked = 0));

/** Answers with each in turn, the last again and again: a version, or the code of an error. */
function answering(...answers: readonly string[]): { version: () => Promise<string> } {
  return {
    async version() {
      const answer = answers[Math.min(asked, answers.length - 1)] ?? '';
      asked += 1;
      if (/\d/.test(answer)) return answer;
      throw new GrpcError(answer as GrpcErrorCode, 'Version', answer);
    },
  };
}

/** The version, or the code that it ends in, after so long. */
async function outcome(passed: Promise<string>, forMs: number): Promise<string> {
  let end = 'none';
  void passed.then(
    (version) => (end = version),
    (error: unknown) => (end = error instanceof GrpcError ? error.code : 'another error'),
  );
  await vi.advanceTimersByTimeAsync(forMs);
  return end;
}

describe('ContainerdGate', () => {
  it.each(['1.6.20~ds1', '1.7.24', 'v1.7.1'])('lets through to version %s', async (version) => {
    const gate = createContainerdGate(answering(version));
    expect(await outcome(gate.pass({ timeoutMs: 1000 }), 0)).toBe(version);
  });

  it.each(['2.0.0', '10.1'])('refuses version %s by name', async (version) => {
    const gate = createContainerdGate(answering(version));
    expect(await outcome(gate.pass({ timeoutMs: 1000 }), 0)).toBe('unimplemented');
  });

  it('waits for one that comes, with one question for all who wait', async () => {
    const gate = createContainerdGate(answering('unavailable', 'unavailable', '1.7.24'));
    const all = Array.from({ length: 20 }, () => gate.pass({ timeoutMs: 1000 }));
    expect(
      await outcome(
        Promise.all(all).then(([first = '']) => first),
        500,
      ),
    ).toBe('1.7.24');
    expect(asked).toBe(3);
  });

  it('gives up after its time, and when nobody waits any more', async () => {
    const gate = createContainerdGate(answering('unavailable'));
    expect(await outcome(gate.pass({ timeoutMs: 1000 }), 2000)).toBe('deadline-exceeded');
    const signal = AbortSignal.abort();
    expect(await outcome(gate.pass({ timeoutMs: 1000, signal }), 0)).toBe('cancelled');
  });

  it('says at once that what answers is something else', async () => {
    const gate = createContainerdGate(answering('garbage'));
    expect(await outcome(gate.pass({ timeoutMs: 60_000 }), 0)).toBe('garbage');
  });
});
