/**
 * Years of a machine in seconds: the supervisor as PID 1 has it, with services that start nothing and a clock
 * that waits for nobody. What it keeps in memory and in files has to have an end.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { simulateExits } from '../support/simulate-exits.ts';
import type { ExitsReport } from '../support/simulated-exits.ts';

const LIMIT_MS = 200_000;

describe('100,000 ends of 16 services', () => {
  let report: ExitsReport;

  beforeAll(async () => {
    const request = { services: 16, everyMs: 60_000, stops: [1_000, 100_000] };
    report = await simulateExits(request, LIMIT_MS);
  });

  it('leave no more objects in memory than 1,000 did, within 1 MB', () => {
    const [first, last] = report.looks;
    const grownKiB = (last?.heapUsedKiB ?? Number.NaN) - (first?.heapUsedKiB ?? Number.NaN);
    expect(grownKiB).toBeLessThan(1_000);
  });

  it('leave PID 1 no larger, within 2 MB', () => {
    // Without what spareMemory() does it is 10 MB; lines that a ring had dropped and still held were 26 MB.
    const [first, last] = report.looks;
    expect(last?.exits).toBeGreaterThanOrEqual(100_000);
    const grownKiB = (last?.rssAnonKiB ?? Number.NaN) - (first?.rssAnonKiB ?? Number.NaN);
    expect(grownKiB).toBeLessThan(2_000_000 / 1024);
  });

  it('leave no file open', () => {
    const [first, last] = report.looks;
    expect(last?.openFiles).toBe(first?.openFiles);
  });

  it('leave files and a history of bounded size', () => {
    expect(report.historyEntries).toBe(2_048);
    expect(report.largestLogBytes).toBeLessThanOrEqual(1_048_576);
    // 33 files: one of 128 KiB, the others compressed.
    expect(report.eventBytes).toBeLessThanOrEqual(1_048_576);
    expect(report.stateBytes).toBeLessThan(16_384);
  });
});

it('a week of a service that ends once a minute is still recorded at its end', async () => {
  const week = 7 * 24 * 60;
  const report = await simulateExits(
    { services: 1, everyMs: 60_000, stops: [week + 1] },
    LIMIT_MS / 2,
  );
  expect(report.simulatedMs).toBeGreaterThanOrEqual(week * 60_000);
  expect(report.recordedMs).toBe(report.simulatedMs);
});
