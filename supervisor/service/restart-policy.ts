/**
 * Whether and when a unit that has ended is started again. Pure.
 *
 * The delay begins at 100 ms and doubles for each run in a row that did not run well, up to a minute; a
 * run of ten seconds counts as having run well. Exit code 125 means "do not start me again" whatever the
 * rule says.
 */
import type { ServicePolicy } from './policy.ts';
import type { RunEnd } from './state.ts';

const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 60_000;
const RAN_WELL_MS = 10_000;
const NEVER_AGAIN = 125;

export type RestartDecision =
  | { readonly restart: true; readonly delayMs: number; readonly shortRuns: number }
  | { readonly restart: false; readonly failed: boolean; readonly why?: string };

export interface EndedRun {
  readonly end: RunEnd;
  readonly ranMs: number;
  /** How many runs in a row, this one not counted, ended early. */
  readonly shortRuns: number;
}

export function decideRestart(
  { restart, successExitStatus }: Pick<ServicePolicy, 'restart' | 'successExitStatus'>,
  { end, ranMs, shortRuns }: EndedRun,
): RestartDecision {
  if (end.kind === 'exited' && end.code === NEVER_AGAIN) return { restart: false, failed: true };
  const failed = !isSuccess(end, successExitStatus);
  if (restart.kind === 'no') return { restart: false, failed };
  const ranWell = ranMs >= RAN_WELL_MS;
  if (restart.kind === 'on-failure') {
    if (!failed) return { restart: false, failed };
    const limit = restart.maxRestarts;
    if (limit !== undefined && !ranWell && shortRuns >= limit) {
      return { restart: false, failed, why: `started again ${limit} times` };
    }
  }
  return { restart: true, ...nextDelay(shortRuns, ranWell) };
}

/** Exit code 0, or one that the policy names. */
export function isSuccess(end: RunEnd, successExitStatus: readonly number[]): boolean {
  return end.kind === 'exited' && (end.code === 0 || successExitStatus.includes(end.code));
}

function nextDelay(shortRuns: number, ranWell: boolean): { delayMs: number; shortRuns: number } {
  if (ranWell) return { delayMs: FIRST_DELAY_MS, shortRuns: 0 };
  // The exponent is bounded before the power, so that years of restarts stay in range.
  const delayMs = Math.min(FIRST_DELAY_MS * 2 ** Math.min(shortRuns, 16), MAX_DELAY_MS);
  return { delayMs, shortRuns: shortRuns + 1 };
}
