import { expect, it } from 'vitest';
import {
  cpuShare,
  isOfLog,
  logPath,
  standing,
  summary,
  unitRows,
} from '../../../../supervisor/status-page/facts.ts';
import { IDLE, pageFacts, UNIT } from './facts-example.ts';

it('cpuShare() is what was not idle between two looks', () => {
  const after = { ...IDLE, userMs: 30, idleMs: 60, ioWaitMs: 10 };
  expect(cpuShare(IDLE, after)).toBeCloseTo(0.3);
  expect(cpuShare(after, after)).toBeUndefined();
});

it('unitRows() counts from an earlier look at the same run', () => {
  const usage = (cpuUs: number) => [{ id: 'web', cpuUs, memoryBytes: 5, pids: 1 }];
  const before = { ...pageFacts(), usage: usage(1_000_000) };
  const later = (cpuUs: number) => ({
    ...before,
    cpu: { ...before.cpu, atMs: before.cpu.atMs + 2000 },
    usage: usage(cpuUs),
  });
  expect(unitRows(later(1_500_000), before)).toEqual([
    { unit: UNIT, memoryBytes: 5, cpuShare: 0.25 },
  ]);
  expect(unitRows(later(500), before)).toEqual([{ unit: UNIT, memoryBytes: 5 }]);
  expect(unitRows(before, undefined)).toEqual([{ unit: UNIT, memoryBytes: 5 }]);
  expect(unitRows(pageFacts(), before)).toEqual([{ unit: UNIT }]);
});

it.each([
  [{ state: 'running' }, 'good'],
  [{ state: 'finished' }, 'good'],
  [{ state: 'running', health: 'unhealthy' }, 'bad'],
  [{ state: 'failed' }, 'bad'],
  [{ state: 'backoff' }, 'bad'],
  [{ state: 'waiting' }, 'busy'],
  [{ state: 'stopped' }, 'quiet'],
] as const)('standing() of %o is %s', (unit, wanted) => {
  expect(standing({ ...UNIT, health: 'none', ...unit })).toBe(wanted);
});

it('summary() names what is wrong before what is under way', () => {
  const failed = { ...UNIT, id: 'b', name: 'b', state: 'failed' } as const;
  const starting = { ...UNIT, id: 'c', name: 'c', state: 'starting' } as const;
  expect(summary(pageFacts())).toBe('All is well: 1 service runs');
  expect(summary(pageFacts([UNIT, starting]))).toBe('Starting: c');
  expect(summary(pageFacts([UNIT, failed, starting]))).toBe('Needs attention: b');
  const { machine } = pageFacts();
  const emergency = { machine: { ...machine, phase: 'emergency' as const }, units: [] };
  expect(summary(emergency)).toMatch(/^Emergency/);
});

it('logPath() finds the log of a unit that there is, and nothing else', () => {
  expect(logPath([UNIT], 'web')).toBe('/v1/services/web/logs?tail=200');
  expect(logPath([UNIT], 'kernel')).toBe('/v1/logs/kernel?tail=200');
  expect(logPath([UNIT], 'all')).toBeUndefined();
  expect(logPath([UNIT], '../machine')).toBeUndefined();
});

it('isOfLog() knows lines of units and of the machine', () => {
  const line = { seq: 1, atMs: 1, text: '', stream: 'stdout', unit: 'web' } as const;
  expect(isOfLog(line, 'web')).toBe(true);
  expect(isOfLog(line, 'all')).toBe(true);
  expect(isOfLog(line, 'stdout')).toBe(false);
  expect(isOfLog({ seq: 1, atMs: 1, text: '', stream: 'kernel' }, 'kernel')).toBe(true);
});
