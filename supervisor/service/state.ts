/**
 * The supervisor's model. A unit is anything it keeps: an onboot task, a service, a process of our own.
 * Each unit has what is wanted of it (`desired`) beside what it is (`state`); requests change the first,
 * facts the second, and the reducer closes the gap.
 *
 *   state      | fact or request                          | next
 *   -----------+------------------------------------------+------------------------------------------
 *   waiting    | its turn has come: phase, dependencies   | starting    (launch, start timer)
 *   waiting    | ... but the machine may lack something   | waiting     (await, wait timer)
 *   waiting    | ... but it was started too often         | failed
 *   waiting    | a required dependency has failed         | failed
 *   waiting    | desired down                             | stopped
 *   starting   | a command before the program runs        | starting    (with the command's pid)
 *   starting   | runtime has created it                   | starting    (with the program's pid)
 *   starting   | runtime has started it                   | running; stopping when desired down;
 *              |                                          |   cleaning when it has ended already
 *   starting   | runtime refused, or a command failed     | cleaning    (end: not-started)
 *   starting   | start timer fired                        | starting    (kill; what comes is a failure)
 *   starting   | desired down                             | starting    (abandon; signal to the command)
 *   running    | it is ready: by its own word, or healthy | running     (dependents may begin)
 *   running    | start timer fired, and it is not ready   | stopping    (end: timed-out)
 *   running    | a health check has answered              | running     (next probe); stopping when it is
 *              |                                          |   unhealthy and that means restart
 *   running    | process ended                            | cleaning
 *   running    | desired down, and nobody depends on it   | stopping    (signal, grace timer)
 *   running    | restart requested                        | stopping    (then launch)
 *   running    | a task's time is over                    | stopping    (end: timed-out)
 *   stopping   | process ended                            | cleaning
 *   stopping   | grace timer fired                        | stopping    (kill)
 *   cleaning   | leftovers removed                        | desired down: stopped; restart requested:
 *              |                                          |   waiting; else as the policy says: backoff,
 *              |                                          |   finished or failed
 *   backoff    | its timer fired, or start requested      | waiting
 *   backoff    | desired down                             | stopped
 *   finished   | start requested                          | waiting     (ended well, for good)
 *   failed     | start requested                          | waiting     (ended badly, for good)
 *   stopped    | start requested                          | waiting     (by a person, or at shutdown)
 *
 * The end of the machine goes through the phases: onshutdown tasks one after another, while services still
 * run, then `stopping`, in which all is desired down.
 *
 * Who decides, first wins: the end of the machine, then a person's request, then the unit's policy.
 * Every launch has a new `run`; a fact about another run than the current one changes nothing, which
 * is what makes late timers and late exits harmless.
 */
import type { Exit } from '../../sys/exit.ts';
import type { RebootCommand } from '../../sys/sys.ts';
import type { Health } from './health.ts';
import type { Condition, OnbootPolicy, ServicePolicy, TaskPolicy } from './policy.ts';

export type UnitId = string;

/** Counts a unit's launches, from 1. */
export type RunId = number;

/**
 * How a run ended. By the kernel's word: `exited`, `signaled`, and `oom-killed` where the cgroup says that
 * it was the reason. By ours: `timed-out`, a task that took too long or a service that was not ready in time,
 * and `unhealthy`. Or the runtime refused: `not-started`. `lost`: it ended while PID 1 was being executed
 * again, and nobody can say how.
 */
export type RunEnd =
  | Exit
  | { readonly kind: 'oom-killed' | 'lost' }
  | {
      readonly kind: 'timed-out';
      readonly what: 'task' | 'start';
      readonly afterMs: number;
      readonly exit: Exit;
    }
  | { readonly kind: 'unhealthy'; readonly exit: Exit }
  | { readonly kind: 'not-started'; readonly stage: string; readonly message: string };

/** What a stop is for. */
export type StopCause = 'requested' | 'restart' | 'timeout' | 'not-ready' | 'unhealthy';

export type UnitState =
  | {
      readonly tag: 'waiting';
      /** What the machine must have is being looked for; `overdue` after a while. */
      readonly awaits?: { readonly missing: readonly Condition[]; readonly overdue: boolean };
    }
  | {
      readonly tag: 'starting';
      readonly run: RunId;
      readonly sinceMs: number;
      /** Of the program, or of the command before it while there is a `step`. */
      readonly pid?: number;
      /** What the launch itself waits for, such as `the host to connect`. */
      readonly heldFor?: string;
      /** The command before the program that runs now. */
      readonly step?: string;
      /** Not wanted any more: whatever of it can still be spared is not begun. */
      readonly abandoned: boolean;
      /** It has said that it is ready before the runtime had reported the start. */
      readonly ready: boolean;
      /** It ended before the runtime had reported the start. */
      readonly ended?: RunEnd;
    }
  | {
      readonly tag: 'running';
      readonly run: RunId;
      readonly pid: number;
      readonly sinceMs: number;
      /** What other services wait for. Without a readiness it is ready as soon as it runs. */
      readonly ready: boolean;
      /** Only with a health check. */
      readonly health?: Health;
    }
  | {
      readonly tag: 'stopping';
      readonly run: RunId;
      readonly pid: number;
      readonly sinceMs: number;
      readonly cause: StopCause;
      readonly killed: boolean;
      /** How long it had run well before. */
      readonly ranMs: number;
    }
  | {
      readonly tag: 'cleaning';
      readonly run: RunId;
      readonly sinceMs: number;
      /** How long it ran well, for the restart policy; 0 when it never did. */
      readonly ranMs: number;
      /** A person asked for a restart: no policy, no delay. */
      readonly relaunch: boolean;
    }
  | {
      readonly tag: 'backoff';
      readonly run: RunId;
      readonly sinceMs: number;
      readonly untilMs: number;
    }
  | { readonly tag: 'finished' | 'stopped'; readonly sinceMs: number }
  /** `why` when it is more than how the last run ended: `dependency db has failed`. */
  | { readonly tag: 'failed'; readonly sinceMs: number; readonly why?: string };

/** What a unit is from the start. */
export type UnitDescription = {
  readonly id: UnitId;
  readonly name: string;
  readonly image: string;
} & (
  | { readonly kind: 'onboot'; readonly policy: OnbootPolicy }
  | { readonly kind: 'onshutdown'; readonly policy: TaskPolicy }
  | { readonly kind: 'service'; readonly policy: ServicePolicy }
  | { readonly kind: 'system' }
);

export interface UnitProgress {
  readonly desired: 'up' | 'down';
  readonly state: UnitState;
  /** The number of the newest launch, 0 before the first. */
  readonly run: RunId;
  /** How many runs in a row ended before they had run well; the exponent of the backoff. */
  readonly shortRuns: number;
  /** When it was launched, as far back as its start limit looks. */
  readonly launchesMs: readonly number[];
  readonly lastEnd?: { readonly atMs: number; readonly end: RunEnd };
}

export type Unit = UnitDescription & UnitProgress;

/**
 * `boot` mounts and devices · `onboot` the tasks, one after another · `services` normal life ·
 * `onshutdown` the tasks of the end, nothing else begins · `stopping` services go down · `halting` the
 * machine's end was ordered.
 */
export type Phase = 'boot' | 'onboot' | 'services' | 'onshutdown' | 'stopping' | 'halting';

export interface Supervisor {
  readonly phase: Phase;
  /** In the order of the manifest. */
  readonly units: readonly Unit[];
  /** How the machine is to end, once that was requested: from `onshutdown` on. */
  readonly end?: RebootCommand;
}

export function initialUnit(description: UnitDescription): Unit {
  const state: UnitState = { tag: 'waiting' };
  return { ...description, desired: 'up', state, run: 0, shortRuns: 0, launchesMs: [] };
}

/** The pid of the unit's first process, while it has one. */
export function unitPid(unit: Unit): number | undefined {
  const { state } = unit;
  if (state.tag === 'running' || state.tag === 'stopping') return state.pid;
  return state.tag === 'starting' && state.ended === undefined ? state.pid : undefined;
}

/** Whether it is there for others: it runs, and is ready. */
export function isUp({ state }: Unit): boolean {
  return state.tag === 'running' && state.ready;
}

/** A task ends by itself, and runs in its turn; a service is to stay. */
export function isTask(unit: Unit): unit is Extract<Unit, { kind: 'onboot' | 'onshutdown' }> {
  return unit.kind === 'onboot' || unit.kind === 'onshutdown';
}

/** Whether nothing of the unit runs or will run by itself. */
export function isAtRest({ state }: Unit): boolean {
  return state.tag === 'finished' || state.tag === 'stopped' || state.tag === 'failed';
}
