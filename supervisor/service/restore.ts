/**
 * What a next generation of PID 1 makes of the state that the one before has left: containers that run
 * go on, what was under way is done again. Pure. Our own processes are not restored; they are begun
 * anew.
 *
 *   running, stopping   adopted: the process is ours still, its exit comes to us; its health is asked on
 *   starting            unknown how far: removed by the next launch, whose turn is now
 *   cleaning            removed again, which is harmless
 *   backoff             its timer, for what is left of it
 *   waiting             as it was; what the machine must have is looked for anew
 *   at rest             as it was
 */
import type { Effect, MachineTimer, TimerName } from './effect.ts';
import { nextProbeMs } from './health.ts';
import { END_LIMITS_MS } from './machine-end.ts';
import { isTask, type Supervisor, type Unit } from './state.ts';

export interface Restored {
  readonly supervisor: Supervisor;
  /** To be carried out once every unit has its launcher again. */
  readonly effects: readonly Effect[];
}

export function restore(saved: Supervisor, nowMs: number): Restored {
  const restored = saved.units
    .filter(({ kind }) => kind !== 'system')
    .map((unit) => restoreUnit(unit, nowMs));
  const units = restored.map(({ unit }) => unit);
  const effects = restored.flatMap((each) => each.effects);
  effects.push(...endTimers(saved));
  if (saved.phase === 'halting') effects.push({ type: 'machine.end', end: saved.end ?? 'reboot' });
  return { supervisor: { ...saved, units }, effects };
}

/** The limits begin anew: better a slow end than a cut one. */
function endTimers({ phase }: Supervisor): Effect[] {
  const timer = (what: MachineTimer): Effect => {
    return { type: 'machine.timer', what, ms: END_LIMITS_MS[what] };
  };
  if (phase === 'onshutdown') return [timer('end'), timer('tasks')];
  return phase === 'stopping' ? [timer('end')] : [];
}

function restoreUnit(
  unit: Unit,
  nowMs: number,
): { readonly unit: Unit; readonly effects: readonly Effect[] } {
  const { id, run, state } = unit;
  switch (state.tag) {
    case 'running': {
      const adopt = { type: 'unit.adopt', id, run, pid: state.pid } as const;
      return { unit, effects: [adopt, ...runningTimers(unit, state, nowMs)] };
    }
    case 'stopping': {
      const ms = unit.kind === 'system' ? 0 : unit.policy.stopTimeoutMs;
      const adopt = { type: 'unit.adopt', id, run, pid: state.pid } as const;
      return { unit, effects: [adopt, { type: 'timer.start', id, run, timer: 'grace', ms }] };
    }
    case 'starting':
      return { unit: { ...unit, state: { tag: 'waiting' } }, effects: [] };
    case 'cleaning':
      return { unit, effects: [{ type: 'unit.remove', id, run }] };
    case 'backoff': {
      const ms = Math.max(0, state.untilMs - nowMs);
      return { unit, effects: [{ type: 'timer.start', id, run, timer: 'backoff', ms }] };
    }
    case 'waiting':
      return { unit: { ...unit, state: { tag: 'waiting' } }, effects: [] };
    case 'finished':
    case 'failed':
    case 'stopped':
      return { unit, effects: [] };
  }
}

/** What was still to come for a unit that runs, for what is left of it. */
function runningTimers(
  unit: Unit,
  { sinceMs, ready, health }: Extract<Unit['state'], { tag: 'running' }>,
  nowMs: number,
): Effect[] {
  const { id, run } = unit;
  const upMs = nowMs - sinceMs;
  const timer = (name: TimerName, ms: number): Effect => {
    return { type: 'timer.start', id, run, timer: name, ms: Math.max(0, ms) };
  };
  if (isTask(unit)) {
    return unit.policy.timeoutMs === undefined ? [] : [timer('task', unit.policy.timeoutMs - upMs)];
  }
  if (unit.kind === 'system') return [];
  const { startTimeoutMs, health: check } = unit.policy;
  const timers = ready ? [] : [timer('start', startTimeoutMs - upMs)];
  if (check === undefined || health === undefined) return timers;
  return [...timers, timer('probe', nextProbeMs(check, health, upMs))];
}
