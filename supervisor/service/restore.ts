/**
 * What a next generation of PID 1 makes of the state that the one before has left: containers that run
 * go on, what was under way is done again. Pure. Our own processes are not restored; they are begun
 * anew.
 *
 *   running, stopping   adopted: the process is ours still, its exit comes to us
 *   starting            unknown how far: removed by the next launch, whose turn is now
 *   cleaning            removed again, which is harmless
 *   backoff             its timer, for what is left of it
 *   at rest, waiting    as it was
 */
import type { Effect } from './effect.ts';
import type { Supervisor, Unit } from './state.ts';

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
  if (saved.phase === 'stopping') effects.push({ type: 'machine.end-timer', ms: END_MS });
  if (saved.phase === 'halting') effects.push({ type: 'machine.end', end: saved.end ?? 'reboot' });
  return { supervisor: { ...saved, units }, effects };
}

/** The limit begins anew: better a slow end than a cut one. */
const END_MS = 90_000;

function restoreUnit(
  unit: Unit,
  nowMs: number,
): { readonly unit: Unit; readonly effects: readonly Effect[] } {
  const { id, run, state } = unit;
  switch (state.tag) {
    case 'running':
      return { unit, effects: [{ type: 'unit.adopt', id, run, pid: state.pid }] };
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
    case 'finished':
    case 'failed':
    case 'stopped':
      return { unit, effects: [] };
  }
}
