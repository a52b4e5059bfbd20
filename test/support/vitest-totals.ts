/** Vitest's JSON report in numbers. Pure. */

export interface Totals {
  readonly passed: number;
  readonly failed: number;
}

export interface ReportTotals extends Totals {
  /** Full names of tests that failed, and paths of files that could not be loaded. */
  readonly failures: readonly string[];
  /** Full names of tests that did not run: skipped, todo, or in a suite that was left out. */
  readonly skipped: readonly string[];
}

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** @param text the report; '' (vitest wrote none) is one failure */
export function readTotals(text: string): ReportTotals {
  if (text === '') return { passed: 0, failed: 1, failures: [], skipped: [] };
  const { testResults } = JSON.parse(text) as Report;
  const tests = testResults.flatMap((file) => file.assertionResults);
  // A file that cannot be loaded has no tests to fail.
  const broken = testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  );
  const failed = tests.filter(({ status }) => status === 'failed');
  return {
    passed: tests.filter(({ status }) => status === 'passed').length,
    failed: failed.length + broken.length,
    failures: [...failed.map(({ fullName }) => fullName), ...broken.map(({ name }) => name)],
    skipped: tests
      .filter(({ status }) => status !== 'passed' && status !== 'failed')
      .map(({ fullName }) => fullName),
  };
}

export function sumTotals(all: readonly Totals[]): Totals {
  return {
    passed: all.reduce((sum, { passed }) => sum + passed, 0),
    failed: all.reduce((sum, { failed }) => sum + failed, 0),
  };
}
