/**
 * Turns the reducer: takes events one at a time, keeps the state, hands effects to the interpreter and
 * changes to the history. Events that arrive while one is being handled wait their turn, so no effect
 * ever sees a half-made state.
 */
import { errorMessage } from '../sys/errno.ts';
import type { Effect, Change } from './service/effect.ts';
import type { Event } from './service/event.ts';
import { reduce } from './service/reduce.ts';
import type { Supervisor } from './service/state.ts';

/** An event without its time, which the engine adds. */
export type Fact = Event extends infer E ? (E extends Event ? Omit<E, 'atMs'> : never) : never;

export interface EngineContext {
  readonly nowMs: () => number;
  /** Must not throw: whatever goes wrong comes back as a fact. */
  readonly carryOut: (effect: Effect) => void;
  readonly record: (change: Change) => void;
  /** Sees each event and the state it meets, before the reducer does. */
  readonly receive?: (event: Event, before: Supervisor) => void;
  /** Sees the state after each event, before the event's effects are carried out. */
  readonly observe: (supervisor: Supervisor) => void;
}

export class Engine {
  private supervisor: Supervisor;
  private readonly queue: Event[] = [];
  private turning = false;
  private readonly context: EngineContext;

  constructor(context: EngineContext, initial: Supervisor = { phase: 'boot', units: [] }) {
    this.context = context;
    this.supervisor = initial;
  }

  get state(): Supervisor {
    return this.supervisor;
  }

  dispatch(fact: Fact): void {
    this.queue.push({ ...fact, atMs: this.context.nowMs() });
    if (this.turning) return;
    this.turning = true;
    try {
      for (let event = this.queue.shift(); event !== undefined; event = this.queue.shift()) {
        this.turn(event);
      }
    } finally {
      this.turning = false;
    }
  }

  private turn(event: Event): void {
    this.onlook(event.atMs, () => this.context.receive?.(event, this.supervisor));
    const { next, effects, changes } = reduce(this.supervisor, event);
    this.supervisor = next;
    for (const change of changes) this.context.record(change);
    this.onlook(event.atMs, () => this.context.observe(next));
    for (const effect of effects) this.context.carryOut(effect);
  }

  /** Whoever only looks on must not keep the orders from being carried out. */
  private onlook(atMs: number, look: () => void): void {
    try {
      look();
    } catch (error) {
      const text = `the state could not be followed: ${errorMessage(error)}`;
      this.context.record({ atMs, unit: 'machine', severity: 'error', text });
    }
  }
}
