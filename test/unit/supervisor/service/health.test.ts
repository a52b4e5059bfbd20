import { describe, expect, it } from 'vitest';
import {
  afterProbe,
  type Health,
  nextProbeMs,
  UNKNOWN_HEALTH,
} from '../../../../supervisor/service/health.ts';
import { DEFAULT_HEALTH_CHECK, type HealthCheck } from '../../../../supervisor/service/policy.ts';

const CHECK: HealthCheck = {
  ...DEFAULT_HEALTH_CHECK,
  probe: { kind: 'tcp', host: '127.0.0.1', port: 6379 },
};

/** The answers of checks, one every ten seconds: `+` passed, `-` failed. */
function answers(marks: string, check: HealthCheck = CHECK): Health {
  return Array.from(marks).reduce<Health>((health, mark, index) => {
    const atMs = (index + 1) * 10_000;
    const result = { atMs, tookMs: 1, passed: mark === '+', output: String(index) };
    return afterProbe(check, health, result, atMs);
  }, UNKNOWN_HEALTH);
}

describe('afterProbe()', () => {
  it.each([
    ['', 'starting'],
    ['-', 'starting'],
    ['--', 'starting'],
    ['---', 'unhealthy'],
    ['+', 'healthy'],
    ['+--', 'healthy'],
    ['+---', 'unhealthy'],
    ['+--+--', 'healthy'],
    ['---+', 'healthy'],
  ] as const)('makes of "%s" with three retries: %s', (marks, status) => {
    expect(answers(marks).status).toBe(status);
  });

  it('does not count failures during the start period', () => {
    const check = { ...CHECK, startPeriodMs: 35_000 };
    expect(answers('---', check)).toMatchObject({ status: 'starting', failuresInRow: 0 });
    expect(answers('-----', check)).toMatchObject({ status: 'starting', failuresInRow: 2 });
    expect(answers('------', check).status).toBe('unhealthy');
  });

  it('ends the start period with the first success', () => {
    const check = { ...CHECK, startPeriodMs: 3_600_000 };
    expect(answers('-+---', check).status).toBe('unhealthy');
  });

  it('keeps the newest five results, and when it has last passed', () => {
    const health = answers('+-+----');
    expect(health.results.map(({ output }) => output)).toEqual(['2', '3', '4', '5', '6']);
    expect(health.lastPassMs).toBe(30_000);
  });
});

describe('nextProbeMs()', () => {
  const check = { ...CHECK, startPeriodMs: 60_000, startIntervalMs: 1000 };

  it('is the start interval during the start period, and the interval after it', () => {
    expect(nextProbeMs(check, UNKNOWN_HEALTH, 0)).toBe(1000);
    expect(nextProbeMs(check, UNKNOWN_HEALTH, 60_000)).toBe(30_000);
    expect(nextProbeMs(CHECK, UNKNOWN_HEALTH, 0)).toBe(30_000);
  });

  it('is the interval as soon as a check has passed', () => {
    expect(nextProbeMs(check, answers('+', check), 10_000)).toBe(30_000);
  });
});
