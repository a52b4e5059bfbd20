/**
 * Runs a boot plan: each step once, in order, with its time and outcome written down. A step that
 * fails does not end the boot: a machine without a clock or a network is still a machine to look
 * into, and what failed is in the report and the history.
 */
import { errorMessage } from '../../sys/errno.ts';
import type { BootPhaseReport, BootStepReport } from '../../supervisor/control/api.ts';
import type { BootPhase, BootStep } from './plan.ts';

/** Returns why a step was skipped; `undefined` when it was done. Throws when it failed. */
export type DoStep = (step: BootStep) => Promise<string | undefined>;

export async function runPhase(
  phase: BootPhase,
  doStep: DoStep,
  nowMs: () => number,
): Promise<BootPhaseReport> {
  const steps: BootStepReport[] = [];
  for (const step of phase.steps) {
    const startMs = nowMs();
    const result = await outcomeOf(step, doStep);
    steps.push({ name: step.name, startMs, endMs: nowMs(), ...result });
  }
  return { name: phase.name, steps };
}

async function outcomeOf(
  step: BootStep,
  doStep: DoStep,
): Promise<Pick<BootStepReport, 'outcome' | 'detail'>> {
  try {
    const skipped = await doStep(step);
    return skipped === undefined ? { outcome: 'ok' } : { outcome: 'skipped', detail: skipped };
  } catch (error) {
    return { outcome: 'failed', detail: errorMessage(error) };
  }
}
