import { describe, expect, it } from 'vitest';
import { readTotals, sumTotals } from '../support/vitest-totals.ts';

function report(...files: readonly { status: string; tests: readonly string[] }[]): string {
  return JSON.stringify({
    testResults: files.map(({ status, tests }, index) => ({
      name: `file-${index}`,
      status,
      assertionResults: tests.map((outcome, n) => ({ fullName: `test ${n}`, status: outcome })),
    })),
  });
}

describe('readTotals()', () => {
  it('counts passed and failed tests of all files', () => {
    const text = report(
      { status: 'passed', tests: ['passed', 'passed'] },
      { status: 'failed', tests: ['passed', 'failed'] },
    );
    expect(readTotals(text)).toEqual({
      passed: 3,
      failed: 1,
      failures: ['test 1'],
      skipped: [],
    });
  });

  it('counts a file that cannot be loaded as one failure', () => {
    const totals = readTotals(report({ status: 'failed', tests: [] }));
    expect(totals).toMatchObject({ failed: 1, failures: ['file-0'] });
  });

  it('names what was skipped, pending or left to do', () => {
    const text = report({ status: 'passed', tests: ['skipped', 'pending', 'todo', 'passed'] });
    expect(readTotals(text).skipped).toEqual(['test 0', 'test 1', 'test 2']);
  });

  it('takes a missing report for a failure', () => {
    expect(readTotals('')).toEqual({ passed: 0, failed: 1, failures: [], skipped: [] });
  });
});

it('sumTotals() adds up', () => {
  const all = [
    { passed: 1, failed: 0 },
    { passed: 2, failed: 3 },
  ];
  expect(sumTotals(all)).toEqual({ passed: 3, failed: 3 });
});
