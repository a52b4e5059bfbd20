import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createSlowWriter } from '../../../../supervisor/console/slow-writer.ts';
import { SysError } from '../../../../sys/errno.ts';

/** A terminal that takes `room` bytes and then says EAGAIN. */
function fakeTerminal(): { room: number; text: string; largest: number; error: string } {
  return { room: Number.POSITIVE_INFINITY, text: '', largest: 0, error: 'EAGAIN' };
}

function writeTo(terminal: ReturnType<typeof fakeTerminal>): (bytes: Uint8Array) => number {
  return (bytes) => {
    terminal.largest = Math.max(terminal.largest, bytes.length);
    const count = Math.min(bytes.length, terminal.room);
    if (count === 0) throw new SysError('write', terminal.error);
    terminal.room -= count;
    terminal.text += Buffer.from(bytes.subarray(0, count)).toString();
    return count;
  };
}

describe('createSlowWriter()', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  test('writes small pieces, one in each turn of the event loop', () => {
    const terminal = fakeTerminal();
    const writer = createSlowWriter(writeTo(terminal), () => {});
    writer.write('x'.repeat(3_000));
    expect(terminal.text).toBe('');
    vi.advanceTimersToNextTimer();
    expect(terminal.text).toHaveLength(1_024);
    vi.runAllTimers();
    expect(terminal.text).toHaveLength(3_000);
    expect(terminal.largest).toBe(1_024);
  });

  test('waits longer and longer for a stopped terminal, then goes on', async () => {
    const terminal = fakeTerminal();
    terminal.room = 5;
    const writer = createSlowWriter(writeTo(terminal), () => {});
    writer.write('one\ntwo\n');
    vi.advanceTimersByTime(60_000);
    expect(terminal.text).toBe('one\nt');
    expect(vi.getTimerCount()).toBe(1);
    terminal.room = 100;
    const flushed = writer.flushed();
    vi.advanceTimersByTime(1_000);
    await flushed;
    expect(terminal.text).toBe('one\ntwo\n');
    expect(vi.getTimerCount()).toBe(0);
  });

  test('has no timer while nothing waits', () => {
    const writer = createSlowWriter(writeTo(fakeTerminal()), () => {});
    writer.write('one\n');
    vi.runAllTimers();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('tells of a lost terminal once and lets nobody wait for it', async () => {
    const terminal = fakeTerminal();
    terminal.room = 0;
    terminal.error = 'EIO';
    const lost = vi.fn<() => void>();
    const writer = createSlowWriter(writeTo(terminal), lost);
    writer.write('one\n');
    const flushed = writer.flushed();
    vi.runAllTimers();
    await flushed;
    writer.write('two\n');
    vi.runAllTimers();
    await writer.room();
    expect(lost).toHaveBeenCalledOnce();
  });
});
