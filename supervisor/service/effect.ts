import type { RebootCommand } from '../../sys/sys.ts';
import type { Condition } from './policy.ts';
import type { RunId, UnitId } from './state.ts';

/** Orders to the interpreter. Each ends in an event, also when it fails; none throws. */
export type Effect =
  /** Ends in `unit.created` and `unit.started`, or in `unit.start-failed`. */
  | { readonly type: 'unit.launch'; readonly id: UnitId; readonly run: RunId }
  /** The launch is to begin nothing more. It ends as it does otherwise, or in `unit.start-failed`. */
  | { readonly type: 'unit.abandon'; readonly id: UnitId; readonly run: RunId }
  /** The process of a run that an earlier generation of PID 1 has started. Ends in `unit.exited`. */
  | {
      readonly type: 'unit.adopt';
      readonly id: UnitId;
      readonly run: RunId;
      readonly pid: number;
    }
  | {
      readonly type: 'unit.signal';
      readonly id: UnitId;
      readonly run: RunId;
      readonly signal: number;
    }
  /** All processes of the unit at once. */
  | { readonly type: 'unit.kill'; readonly id: UnitId; readonly run: RunId }
  /** Asks its health check once. Ends in `unit.probed`. */
  | { readonly type: 'unit.probe'; readonly id: UnitId; readonly run: RunId }
  /**
   * Looks for what the machine must have before the launch that is next. `unit.missing` says what is
   * not there, at once and each time that changes, until nothing is. Takes the place of what was looked
   * for before; with no conditions it only ends that.
   */
  | {
      readonly type: 'unit.await';
      readonly id: UnitId;
      /** The newest run there has been, not the one that is next. */
      readonly run: RunId;
      readonly conditions: readonly Condition[];
    }
  /** Ends in `unit.removed`. */
  | { readonly type: 'unit.remove'; readonly id: UnitId; readonly run: RunId }
  /** Ends in `timer.fired`; a timer of an old run is simply too late. */
  | {
      readonly type: 'timer.start';
      readonly id: UnitId;
      readonly run: RunId;
      readonly timer: TimerName;
      readonly ms: number;
    }
  /** Ends in `machine.overdue`. */
  | { readonly type: 'machine.timer'; readonly what: MachineTimer; readonly ms: number }
  | { readonly type: 'machine.end'; readonly end: RebootCommand };

/**
 * `backoff` until the next launch · `start` for a launch to end in a service that is ready · `grace` from
 * the stop signal to the kill · `task` for a task to end · `probe` until the next question of the health check
 * · `wait` for the machine to have what a launch waits for; only a remark.
 */
export type TimerName = 'backoff' | 'start' | 'grace' | 'task' | 'probe' | 'wait';

/** `tasks`: how long onshutdown tasks may take, all together · `end`: the whole end of the machine. */
export type MachineTimer = 'tasks' | 'end';

/** What happened, for people: goes to the one history that console, control API and log read. */
export interface Change {
  readonly atMs: number;
  /** The unit's id, or `machine`. */
  readonly unit: string;
  readonly severity: 'info' | 'warning' | 'error';
  readonly text: string;
}
