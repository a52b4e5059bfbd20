import { describe, expect, test } from 'vitest';
import type { CommandContext } from '../../../../supervisor/console/command-context.ts';
import { follow } from '../../../../supervisor/console/follow.ts';
import { createFollowBuffer } from '../../../../supervisor/console/follow-buffer.ts';
import { jsonLine } from '../../../../supervisor/console/json-line.ts';
import { table } from '../../../../supervisor/view/table.ts';
import type { ControlClient } from '../../../../supervisor/control/client.ts';

describe('createFollowBuffer()', () => {
  test('keeps the newest and tells how many it did not', () => {
    const buffer = createFollowBuffer(3);
    for (let n = 1; n <= 7; n += 1) buffer.push([`line ${n}`]);
    expect(buffer.take(2)).toEqual([
      '[4 lines skipped: they come faster than this terminal shows them]',
      'line 5',
      'line 6',
    ]);
    expect(buffer.take(2)).toEqual(['line 7']);
    expect(buffer.take(2)).toEqual([]);
  });
});

describe('follow()', () => {
  /** A stream of so many numbers at once, which ends when the signal says so. */
  function streamOf(count: number): Pick<ControlClient, 'stream'> {
    return {
      stream: async (_path, onItem, signal) => {
        for (let n = 1; n <= count; n += 1) await onItem(n as never);
        await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()));
      },
    };
  }

  test('never waits for the terminal, and shows what is newest', async () => {
    const stop = new AbortController();
    const shown: string[] = [];
    const context = {
      client: streamOf(5_000),
      signal: stop.signal,
      print: async (lines: readonly string[]) => {
        shown.push(...lines);
        if (lines.at(-1) === '5000') stop.abort();
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
      },
    } as unknown as CommandContext;
    await follow<number>('/x', { past: 2, render: (n) => [String(n)] }, context);
    expect(shown.at(-1)).toBe('5000');
    expect(shown.length).toBeLessThan(300);
    const skipped = shown.flatMap((line) => /^\[(\d+) lines? skipped/.exec(line)?.[1] ?? []);
    const told = skipped.reduce((sum, text) => sum + Number(text), 0);
    expect(told + shown.length - skipped.length).toBe(5_000);
  });

  test('passes on how the stream failed', async () => {
    const context = {
      client: { stream: () => Promise.reject(new Error('gone')) },
      signal: new AbortController().signal,
      print: () => Promise.resolve(),
    } as unknown as CommandContext;
    await expect(follow('/x', { past: 0, render: () => [] }, context)).rejects.toThrow('gone');
  });
});

describe('jsonLine()', () => {
  test('is JSON that goes over a terminal as it is', () => {
    const value = { text: 'a\x1b[2J\x9b1m\x7f\u2028é' };
    expect(jsonLine(value)).toBe(String.raw`{"text":"a\u001b[2J\u009b1m\u007f\u2028é"}`);
    expect(JSON.parse(jsonLine(value))).toEqual(value);
  });
});

describe('table()', () => {
  test('aligns columns, numbers to the right, and cuts at the width', () => {
    const rows = [
      ['redis', '7', 'redis-server'],
      ['a', '123', 'x'],
    ];
    expect(table(['NAME', '>PID', 'WHAT'], rows, 80)).toEqual([
      'NAME   PID  WHAT',
      'redis    7  redis-server',
      'a      123  x',
    ]);
    expect(table(['NAME', '>PID', 'WHAT'], rows, 16)[1]).toBe('redis    7  redi');
  });
});
