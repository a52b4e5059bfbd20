/**
 * The supervisor's model. A unit is anything it keeps: an onboot task, a service, a console. Each unit
 * has what is wanted of it (`desired`) beside what it is (`state`); requests change the first, facts
 * the second, and the reducer closes the gap.
 *
 *   state      | fact or request                          | next
 *   -----------+------------------------------------------+------------------------------------------
 *   waiting    | its turn has come and it is desired up   | starting    (launch)
 *   waiting    | desired down                             | stopped
 *   starting   | runtime has created it                   | starting    (now with a pid)
 *   starting   | runtime has started it                   | running; stopping when desired down;
 *              |                                          |   cleaning when it has ended already
 *   starting   | runtime refused                          | cleaning    (exit: not-started)
 *   running    | process ended                            | cleaning
 *   running    | desired down                             | stopping    (signal, grace timer)
 *   stopping   | process ended                            | cleaning
 *   stopping   | grace timer fired                        | stopping    (kill)
 *   cleaning   | leftovers removed                        | onboot: finished; desired down: stopped;
 *              |                                          |   else backoff
 *   backoff    | its timer fired                          | starting    (launch)
 *   backoff    | desired down                             | stopped
 *   finished   | -                                        | the end of an onboot task
 *   stopped    | -                                        | the end at shutdown
 *
 * Who decides, first wins: shutdown, then a person's request, then the restart policy.
 * Every launch has a new `run`; a fact about another run than the current one changes nothing, which
 * is what makes late timers and late exits harmless.
 */
import type { Exit } from '../../sys/exit.ts';
import type { RebootCommand } from '../../sys/sys.ts';
import type { UnitKind } from '../control/api.ts';

export type UnitId = string;

/** Counts a unit's launches, from 1. */
export type RunId = number;

/** How a run ended: by the kernel's word, or by the runtime refusing to start it. */
export type RunEnd =
  Exit | { readonly kind: 'not-started'; readonly stage: string; readonly message: string };

export type UnitState =
  | { readonly tag: 'waiting' }
  | {
      readonly tag: 'starting';
      readonly run: RunId;
      readonly sinceMs: number;
      readonly pid?: number;
      /** What the launch itself waits for, such as `the host to connect`. */
      readonly heldFor?: string;
      /** It ended before the runtime had reported the start. */
      readonly ended?: Exit;
    }
  | { readonly tag: 'running'; readonly run: RunId; readonly pid: number; readonly sinceMs: number }
  | {
      readonly tag: 'stopping';
      readonly run: RunId;
      readonly pid: number;
      readonly sinceMs: number;
      readonly killed: boolean;
    }
  | {
      readonly tag: 'cleaning';
      readonly run: RunId;
      readonly sinceMs: number;
      /** How long the process ran, for the restart policy; 0 when it never did. */
      readonly ranMs: number;
    }
  | {
      readonly tag: 'backoff';
      readonly run: RunId;
      readonly sinceMs: number;
      readonly untilMs: number;
    }
  | { readonly tag: 'finished'; readonly sinceMs: number }
  | { readonly tag: 'stopped'; readonly sinceMs: number };

export interface Unit {
  readonly id: UnitId;
  readonly name: string;
  readonly kind: UnitKind;
  readonly image: string;
  readonly desired: 'up' | 'down';
  readonly state: UnitState;
  /** The number of the newest launch, 0 before the first. */
  readonly run: RunId;
  /** How many runs in a row ended before they had run well; the exponent of the backoff. */
  readonly shortRuns: number;
  readonly lastEnd?: { readonly atMs: number; readonly end: RunEnd };
}

/**
 * `boot` mounts and devices · `onboot` the tasks, one after another · `services` normal life ·
 * `stopping` services go down · `halting` the machine's end was ordered.
 */
export type Phase = 'boot' | 'onboot' | 'services' | 'stopping' | 'halting';

export interface Supervisor {
  readonly phase: Phase;
  /** In the order of the manifest. */
  readonly units: readonly Unit[];
  /** How the machine is to end, once `stopping`. */
  readonly end?: RebootCommand;
}

export function initialUnit(unit: Pick<Unit, 'id' | 'name' | 'kind' | 'image'>): Unit {
  return { ...unit, desired: 'up', state: { tag: 'waiting' }, run: 0, shortRuns: 0 };
}

/** The pid of the unit's first process, while it has one. */
export function unitPid(unit: Unit): number | undefined {
  const { state } = unit;
  if (state.tag === 'running' || state.tag === 'stopping') return state.pid;
  return state.tag === 'starting' && state.ended === undefined ? state.pid : undefined;
}

/** Whether nothing of the unit runs or will run by itself. */
export function isAtRest(unit: Unit): boolean {
  return unit.state.tag === 'finished' || unit.state.tag === 'stopped';
}
