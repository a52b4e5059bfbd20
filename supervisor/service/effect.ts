import type { RebootCommand } from '../../sys/sys.ts';
import type { RunId, UnitId } from './state.ts';

/** Orders to the interpreter. Each ends in an event, also when it fails; none throws. */
export type Effect =
  /** Ends in `unit.created` and `unit.started`, or in `unit.start-failed`. */
  | { readonly type: 'unit.launch'; readonly id: UnitId; readonly run: RunId }
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
  /** Ends in `machine.end-overdue`. */
  | { readonly type: 'machine.end-timer'; readonly ms: number }
  | { readonly type: 'machine.end'; readonly end: RebootCommand };

/**
 * `backoff` until the next launch · `start` for a launch to end in a running program · `grace` from the
 * stop signal to the kill · `task` for an onboot task to end.
 */
export type TimerName = 'backoff' | 'start' | 'grace' | 'task';

/** What happened, for people: goes to the one history that console, control API and log read. */
export interface Change {
  readonly atMs: number;
  /** The unit's id, or `machine`. */
  readonly unit: string;
  readonly severity: 'info' | 'warning' | 'error';
  readonly text: string;
}
