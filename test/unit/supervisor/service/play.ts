/**
 * Drives the reducer by hand: facts in, and everything it ordered and told so far to look at.
 */
import type { Exit } from '../../../../sys/exit.ts';
import type { Fact } from '../../../../supervisor/engine.ts';
import type { Change, Effect } from '../../../../supervisor/service/effect.ts';
import type { Event } from '../../../../supervisor/service/event.ts';
import { reduce } from '../../../../supervisor/service/reduce.ts';
import type { Supervisor, Unit } from '../../../../supervisor/service/state.ts';

export class Play {
  nowMs = 1000;
  supervisor: Supervisor = { phase: 'boot', units: [] };
  readonly effects: Effect[] = [];
  readonly changes: Change[] = [];

  happen(fact: Fact): void {
    const event: Event = { ...fact, atMs: this.nowMs };
    const { next, effects, changes } = reduce(this.supervisor, event);
    this.supervisor = next;
    this.effects.push(...effects);
    this.changes.push(...changes);
  }

  add(kind: Unit['kind'], id: string): void {
    this.happen({ type: 'unit.added', unit: { id, name: id, kind, image: 'test' } });
  }

  unit(id: string): Unit {
    const unit = this.supervisor.units.find((candidate) => candidate.id === id);
    if (unit === undefined) throw new Error(`no unit ${id}`);
    return unit;
  }

  /** The runtime creates and starts what was launched. */
  run(id: string, pid: number): void {
    const { run } = this.unit(id);
    this.happen({ type: 'unit.created', id, run, pid });
    this.happen({ type: 'unit.started', id, run });
  }

  /** The process ends and its leftovers are removed. */
  end(id: string, exit: Exit): void {
    const { run } = this.unit(id);
    this.happen({ type: 'unit.exited', id, run, exit });
    this.happen({ type: 'unit.removed', id, run });
  }

  /** Lets the unit's newest timer fire and returns how long it was. */
  fireTimer(id: string): number {
    const timer = this.effects.findLast(
      (effect) => effect.type === 'timer.start' && effect.id === id,
    );
    if (timer?.type !== 'timer.start') throw new Error(`no timer of ${id}`);
    this.nowMs += timer.ms;
    this.happen({ type: 'timer.fired', id, run: timer.run });
    return timer.ms;
  }
}
