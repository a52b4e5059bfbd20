import { describe, expect, it } from 'vitest';
import { parseBaselineReport } from '../../bench/baseline-report.ts';

/** As it comes over the line: the echo first, carriage returns at the ends. */
const CONSOLE = [
  "cat /proc/meminfo; echo bench-''end",
  'MemTotal:         474576 kB',
  'MemFree:          369544 kB',
  'MemAvailable:     365804 kB',
  'RssAnon:\t     120 kB',
  'Threads:\t1',
  'script 1795320771.932267',
  'mounts 1795320772.204958',
  'services 1795320773.162575',
  '1:C 22 Nov 2026 04:12:56.082 # WARNING Memory overcommit must be enabled!',
  '1:M 22 Nov 2026 04:12:56.170 * Ready to accept connections tcp',
  'bench-end',
].join('\r\n');

describe('parseBaselineReport()', () => {
  it('reads memory, PID 1 and the marks', () => {
    const report = parseBaselineReport(CONSOLE);
    expect(report.memoryUsedKiB).toBe(474576 - 365804);
    expect(report.initRssAnonKiB).toBe(120);
    expect(report.initThreads).toBe(1);
    expect(report.instants.program).toBeCloseTo(1795320771932.267, 3);
    expect(report.instants.services - report.instants.mounts).toBeCloseTo(957.617, 2);
    expect(report.instants.redisReady - report.instants.redisBegan).toBe(88);
  });

  it.each(['MemAvailable', 'RssAnon', 'services', 'Ready'])('names a missing %s', (word) => {
    expect(() => parseBaselineReport(CONSOLE.replace(word, 'x'))).toThrow(/baseline/i);
  });
});
