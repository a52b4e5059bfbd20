import type { BootPhaseReport, BootReport } from '../supervisor/control/api.ts';

/** Milliseconds of CLOCK_MONOTONIC: 0 is when the kernel started. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}

/** Collects the boot report while the boot goes on. */
export class BootRecord {
  private readonly phases: BootPhaseReport[] = [];
  private readonly milestones: Record<string, number> = {};

  addPhase(phase: BootPhaseReport): void {
    this.phases.push(phase);
  }

  /** The first time counts: a machine settles once. Returns whether this was it. */
  mark(milestone: string, atMs: number = monotonicMs()): boolean {
    if (this.milestones[milestone] !== undefined) return false;
    this.milestones[milestone] = atMs;
    return true;
  }

  /** After a re-exec: the machine was booted by the generation before. */
  takeOver(earlier: BootReport): void {
    this.phases.unshift(...earlier.phases);
    Object.assign(this.milestones, earlier.milestones);
  }

  report(): BootReport {
    return { phases: this.phases, milestones: this.milestones };
  }
}
