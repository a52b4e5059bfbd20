import { describe, expect, it } from 'vitest';
import { parseRedisLine, redisInstants } from '../../bench/redis-log.ts';
import { parseTimeAnswer } from '../../bench/redis-time.ts';
import { wallClockOffset } from '../../bench/wall-clock.ts';

const READY = '1:M 22 Nov 2026 04:12:56.170 * Ready to accept connections tcp';
const WARNING = '1:C 22 Nov 2026 04:12:56.082 # WARNING Memory overcommit must be enabled!';
const AT_READY = Date.UTC(2026, 10, 22, 4, 12, 56, 170);

describe('parseRedisLine()', () => {
  it('reads the stamp as UTC and keeps the words', () => {
    expect(parseRedisLine(READY)).toEqual({
      epochMs: AT_READY,
      text: 'Ready to accept connections tcp',
    });
  });

  it('takes a line as a terminal shows it', () => {
    expect(parseRedisLine(`${READY}\r`)?.text).toBe('Ready to accept connections tcp');
  });

  it('leaves other lines alone', () => {
    expect(parseRedisLine('eth0: carrier acquired')).toBeUndefined();
    expect(parseRedisLine('1:M 99 Foo 2026 04:12:56.170 * no such day')).toBeUndefined();
  });
});

it('redisInstants() finds the first line and the one that says Redis listens', () => {
  const lines = [WARNING, READY].map(parseRedisLine).filter((line) => line !== undefined);
  expect(redisInstants(lines)).toEqual({ began: AT_READY - 88, ready: AT_READY });
  expect(redisInstants([])).toEqual({ began: undefined, ready: undefined });
});

describe('wallClockOffset()', () => {
  const line = (atMs: number, text: string) => ({ seq: 0, stream: 'stdout' as const, atMs, text });

  it('believes the line that was read soonest after it was written', () => {
    const late = line(9_500, WARNING);
    const soon = line(9_090, READY);
    expect(wallClockOffset([late, soon, line(1, 'words')])).toBe(AT_READY - 9_090);
  });

  it('refuses a log without stamps', () => {
    expect(() => wallClockOffset([line(1, 'words')])).toThrow();
  });
});

describe('parseTimeAnswer()', () => {
  it('reads seconds and microseconds', () => {
    expect(parseTimeAnswer('*2\r\n$10\r\n1795320776\r\n$6\r\n170500\r\n')).toBe(1795320776170.5);
  });

  it('refuses an error', () => {
    expect(parseTimeAnswer('-NOAUTH Authentication required.\r\n')).toBeUndefined();
  });
});
