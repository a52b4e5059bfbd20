import type { RebootCommand } from '../../sys/sys.ts';
import type { MachineTimer, TimerName } from './effect.ts';
import type { ProbeResult } from './health.ts';
import type { Condition } from './policy.ts';
import type { RunEnd, RunId, UnitDescription, UnitId } from './state.ts';

/** Facts and requests, each with the time it became known (CLOCK_MONOTONIC, milliseconds). */
export type Event = { readonly atMs: number } & (
  | {
      readonly type: 'unit.added';
      readonly unit: UnitDescription;
    }
  /** Mounts and devices are ready: onboot tasks may begin. */
  | { readonly type: 'boot.finished' }
  /** The launch goes on only when what it waits for has come. */
  | {
      readonly type: 'unit.held';
      readonly id: UnitId;
      readonly run: RunId;
      readonly heldFor: string;
    }
  /** Not the program yet: a command before it runs now, as a process of its own. */
  | {
      readonly type: 'unit.step';
      readonly id: UnitId;
      readonly run: RunId;
      readonly pid: number;
      /** `preStart 1 of 2 (db-migrate)` */
      readonly step: string;
    }
  | {
      readonly type: 'unit.created';
      readonly id: UnitId;
      readonly run: RunId;
      readonly pid: number;
    }
  | { readonly type: 'unit.started'; readonly id: UnitId; readonly run: RunId }
  /** The program itself has said that it is ready (readiness `fd` or `notify`). May come before `unit.started`. */
  | { readonly type: 'unit.ready'; readonly id: UnitId; readonly run: RunId }
  | {
      readonly type: 'unit.probed';
      readonly id: UnitId;
      readonly run: RunId;
      readonly result: Omit<ProbeResult, 'atMs'>;
    }
  /** What a launch waits for and the machine does not have. */
  | {
      readonly type: 'unit.missing';
      readonly id: UnitId;
      readonly run: RunId;
      readonly missing: readonly Condition[];
    }
  /** `stage`: what was being done (`bundle`, `create`, `start`, …); `message`: the refuser's words. */
  | {
      readonly type: 'unit.start-failed';
      readonly id: UnitId;
      readonly run: RunId;
      readonly stage: string;
      readonly message: string;
    }
  | {
      readonly type: 'unit.exited';
      readonly id: UnitId;
      readonly run: RunId;
      readonly end: RunEnd;
    }
  /** Nothing of the run is left: container, cgroup, mounts. */
  | { readonly type: 'unit.removed'; readonly id: UnitId; readonly run: RunId }
  | {
      readonly type: 'timer.fired';
      readonly id: UnitId;
      readonly run: RunId;
      readonly timer: TimerName;
    }
  /** A person's wish, through the control API. */
  | {
      readonly type: 'unit.start-requested' | 'unit.stop-requested' | 'unit.restart-requested';
      readonly id: UnitId;
      readonly by: string;
    }
  | { readonly type: 'machine.end-requested'; readonly end: RebootCommand; readonly by: string }
  | { readonly type: 'machine.overdue'; readonly what: MachineTimer }
);
