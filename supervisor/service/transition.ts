/**
 * The next state while it is being made, with the orders and the news that go with it. Used inside one
 * call of the reducer only.
 */
import type { RebootCommand } from '../../sys/sys.ts';
import type { Change, Effect } from './effect.ts';
import type { Phase, Supervisor, Unit, UnitId, UnitProgress } from './state.ts';

export interface Reduction {
  readonly next: Supervisor;
  readonly effects: readonly Effect[];
  readonly changes: readonly Change[];
}

export class Transition {
  phase: Phase;
  end: RebootCommand | undefined;
  units: readonly Unit[];
  readonly atMs: number;
  private readonly effects: Effect[] = [];
  private readonly changes: Change[] = [];

  constructor(supervisor: Supervisor, atMs: number) {
    this.phase = supervisor.phase;
    this.end = supervisor.end;
    this.units = supervisor.units;
    this.atMs = atMs;
  }

  unit(id: UnitId): Unit | undefined {
    return this.units.find((unit) => unit.id === id);
  }

  update(id: UnitId, change: Partial<UnitProgress>): void {
    this.units = this.units.map((unit) => (unit.id === id ? { ...unit, ...change } : unit));
  }

  order(effect: Effect): void {
    this.effects.push(effect);
  }

  tell(unit: string, severity: Change['severity'], text: string): void {
    this.changes.push({ atMs: this.atMs, unit, severity, text });
  }

  result(): Reduction {
    const next: Supervisor = {
      phase: this.phase,
      units: this.units,
      ...(this.end === undefined ? {} : { end: this.end }),
    };
    return { next, effects: this.effects, changes: this.changes };
  }
}
