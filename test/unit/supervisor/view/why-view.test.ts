import { describe, expect, it } from 'vitest';
import type { UnitStatus } from '../../../../supervisor/control/api.ts';
import { whyLines } from '../../../../supervisor/view/why-view.ts';

const WAITING: UnitStatus = {
  id: 'web',
  name: 'web',
  kind: 'service',
  image: 'i',
  state: 'waiting',
  reason: 'waits for db to be healthy',
  sinceMs: 0,
  restarts: 0,
};

describe('whyLines()', () => {
  it('of a unit that never ran is what it waits for, and nothing else', () => {
    const facts = { unit: WAITING, health: undefined, events: [], logs: [] };
    expect(whyLines(facts, 60_000, 80)).toEqual([
      'web is waiting',
      '  reason: waits for db to be healthy',
      '  it has not ended yet',
      '  restarts: 0',
    ]);
  });

  it('wraps what is long and neutralises what a service has written', () => {
    const unit: UnitStatus = { ...WAITING, state: 'failed', reason: 'a b '.repeat(20).trim() };
    const logs = [{ seq: 1, atMs: 1, stream: 'stdout', text: '\u{1b}[2J\u{7}' }] as const;
    const lines = whyLines({ unit, health: undefined, events: [], logs }, 1_000, 40);
    expect(lines.slice(0, -2).every((line) => line.length <= 40)).toBe(true);
    expect(lines.at(-1)).toBe('  [    0.001] ^[[2J^G');
  });

  it('shows each answer of a health check', () => {
    const result = { atMs: 2_000, tookMs: 3.4, passed: true, output: '' };
    const health = { status: 'healthy', failuresInRow: 0, results: [result] } as const;
    const lines = whyLines({ unit: WAITING, health, events: [], logs: [] }, 1, 80);
    expect(lines).toContain('  health: healthy');
    expect(lines).toContain('    [    2.000] passed in 3 ms');
  });
});
