/** Whether an image that a machine was updated to has proved good. Pure. */
import type { UnitStatus } from '../control/api.ts';
import type { TrialTerms } from '../manifest.ts';

/** The exit code of the program that watches a trial, when the machine is to be started again. */
export const TOO_LATE = 3;

export type Verdict = 'good' | 'too late' | 'undecided';

export interface Trial {
  /** What is so now; to be asked again and again. @param nowMs since the start of the machine */
  look(units: readonly UnitStatus[], nowMs: number): Verdict;
}

/** @param essential names of services */
export function createTrial(
  { goodAfterMs, deadlineMs }: TrialTerms,
  essential: readonly string[],
): Trial {
  let wellSince: number | undefined;
  return {
    look(units, nowMs) {
      const areWell = essential.every((name) => units.some((unit) => isWell(unit, name)));
      wellSince = areWell ? (wellSince ?? nowMs) : undefined;
      if (wellSince !== undefined && nowMs - wellSince >= goodAfterMs) return 'good';
      return nowMs >= deadlineMs ? 'too late' : 'undecided';
    },
  };
}

/** It runs and, where it has a health check, has passed it. */
function isWell({ kind, name, state, health }: UnitStatus, wanted: string): boolean {
  if (kind !== 'service' || name !== wanted || state !== 'running') return false;
  return health === undefined || health === 'none' || health === 'healthy';
}
