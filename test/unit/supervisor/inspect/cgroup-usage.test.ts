import { expect, it } from 'vitest';
import {
  cpuUsage,
  ioUsage,
  memoryUsage,
  pidsUsage,
} from '../../../../supervisor/inspect/cgroup-usage.ts';

const files =
  (texts: Readonly<Record<string, string>>) =>
  (name: string): string =>
    texts[name] ?? '';

it('cpuUsage() counts microseconds, and throttling only under a limit', () => {
  const stat = 'usage_usec 300\nuser_usec 200\nsystem_usec 100\nnr_periods 0\nnr_throttled 0\n';
  const usage = { usageUs: 300, userUs: 200, systemUs: 100 };
  expect(cpuUsage(files({ 'cpu.stat': stat }))).toEqual(usage);
  const limited = 'usage_usec 300\nnr_periods 9\nnr_throttled 4\nthrottled_usec 7000\n';
  expect(cpuUsage(files({ 'cpu.stat': limited }))).toMatchObject({
    periods: 9,
    throttledPeriods: 4,
    throttledUs: 7000,
  });
});

it('memoryUsage() has what there is, the limit and how often it was met', () => {
  const usage = memoryUsage(
    files({
      'memory.current': '4096\n',
      'memory.peak': '8192\n',
      'memory.max': '67108864\n',
      'memory.stat': 'anon 1024\nfile 2048\nkernel 512\nshmem 256\n',
      'memory.events': 'low 0\nhigh 1\nmax 2\noom 3\noom_kill 4\noom_group_kill 0\n',
    }),
  );
  expect(usage).toEqual({
    currentBytes: 4096,
    peakBytes: 8192,
    limitBytes: 67_108_864,
    anonymousBytes: 1024,
    fileBytes: 2048,
    shmemBytes: 256,
    kernelBytes: 512,
    events: { low: 0, high: 1, max: 2, oom: 3, oomKill: 4 },
  });
});

it('memoryUsage() and pidsUsage() have no limit where there is none', () => {
  expect(memoryUsage(files({ 'memory.max': 'max\n' }))).not.toHaveProperty('limitBytes');
  expect(pidsUsage(files({ 'pids.current': '3\n', 'pids.max': 'max\n' }))).toEqual({ current: 3 });
});

it('ioUsage() has a line for each disk that was used', () => {
  const stat =
    '254:0 rbytes=8192 wbytes=4096 rios=2 wios=1 dbytes=0 dios=0\n' +
    '7:0 rbytes=0 wbytes=0 rios=0 wios=0 dbytes=0 dios=0\n';
  expect(ioUsage(files({ 'io.stat': stat }))).toEqual([
    { device: '254:0', readBytes: 8192, writtenBytes: 4096, reads: 2, writes: 1 },
  ]);
});
