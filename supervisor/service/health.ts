/**
 * What the answers of a health check mean, as Docker has it. Pure.
 *
 *   starting   until the first success. In the start period failures do not count.
 *   healthy    after a success
 *   unhealthy  after `retries` failures in a row, until the next success
 *
 * A unit without a health check has no health at all: that is not `unhealthy`.
 */
import type { HealthCheck } from './policy.ts';

/** As many as Docker keeps. */
const KEPT_RESULTS = 5;

export interface Health {
  readonly status: 'starting' | 'healthy' | 'unhealthy';
  readonly failuresInRow: number;
  /** When it has last passed. */
  readonly lastPassMs?: number;
  /** The newest, oldest first. */
  readonly results: readonly ProbeResult[];
}

export interface ProbeResult {
  /** When the answer came. */
  readonly atMs: number;
  readonly tookMs: number;
  readonly passed: boolean;
  /** What the probe printed, or why it failed; at most `PROBE_OUTPUT_BYTES`. */
  readonly output: string;
}

/** As much as Docker keeps of one. */
export const PROBE_OUTPUT_BYTES = 4096;

export const UNKNOWN_HEALTH: Health = { status: 'starting', failuresInRow: 0, results: [] };

/** @param upMs how long the program has been running */
export function afterProbe(
  check: HealthCheck,
  health: Health,
  result: ProbeResult,
  upMs: number,
): Health {
  const results = [...health.results, result].slice(-KEPT_RESULTS);
  if (result.passed) {
    return { status: 'healthy', failuresInRow: 0, lastPassMs: result.atMs, results };
  }
  if (isStarting(check, health, upMs)) return { ...health, results };
  const failuresInRow = health.failuresInRow + 1;
  const status = failuresInRow >= check.retries ? 'unhealthy' : health.status;
  return { ...health, status, failuresInRow, results };
}

/** From now to the next question. */
export function nextProbeMs(check: HealthCheck, health: Health, upMs: number): number {
  return isStarting(check, health, upMs) ? check.startIntervalMs : check.intervalMs;
}

function isStarting(check: HealthCheck, { status }: Health, upMs: number): boolean {
  return status === 'starting' && upMs < check.startPeriodMs;
}
