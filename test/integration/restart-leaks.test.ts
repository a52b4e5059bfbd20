/**
 * A service that ends and is started again by the real parts of PID 1, under the real runtimes, leaves
 * nothing: 1,000 of it are in the bench (`npm run bench -- --only leaks`).
 */
import { describe, expect, test } from 'vitest';
import {
  findProgram,
  nativeContainersMissing,
  runProgramInNamespaces,
} from '../support/namespaces.ts';
import type { RestartsReport } from '../support/restart-containers.ts';

const RESTARTS = 60;
const missing = nativeContainersMissing();

describe.skipIf(missing !== undefined)(
  `${RESTARTS} restarts${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    test.each(['runc', 'crun'])('leave nothing behind under %s', async (name) => {
      const binary = findProgram(name);
      const cgroup = `/ishmael-restarts-${process.pid}-${name}`;
      const report = (await runProgramInNamespaces(
        'restart-containers.ts',
        { binary, cgroup, restarts: RESTARTS },
        { timeoutMs: 100_000 },
      )) as RestartsReport;
      // Every tenth start is refused, so that what a failure leaves is looked for as well.
      expect(report.refused).toBeGreaterThanOrEqual(RESTARTS / 10);
      expect(report.refused).toBeLessThan(RESTARTS / 2);
      expect(report.warnings).toEqual([]);
      expect(report.after).toEqual(report.before);
    });
  },
);
