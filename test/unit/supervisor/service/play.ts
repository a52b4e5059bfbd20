/**
 * Drives the reducer by hand: facts in, and everything it ordered and told so far to look at.
 */
import type { Fact } from '../../../../supervisor/engine.ts';
import type { Change, Effect, TimerName } from '../../../../supervisor/service/effect.ts';
import type { Event } from '../../../../supervisor/service/event.ts';
import {
  DEFAULT_ONBOOT_POLICY,
  DEFAULT_ONSHUTDOWN_POLICY,
  DEFAULT_SERVICE_POLICY,
  type OnbootPolicy,
  type TaskPolicy,
  type ServicePolicy,
} from '../../../../supervisor/service/policy.ts';
import { reduce } from '../../../../supervisor/service/reduce.ts';
import type { RunEnd, Supervisor, Unit } from '../../../../supervisor/service/state.ts';

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
    if (kind === 'service') this.addService(id);
    else if (kind === 'onboot') this.addTask(id);
    else if (kind === 'onshutdown') this.addEndTask(id);
    else this.happen({ type: 'unit.added', unit: { id, name: id, image: '', kind } });
  }

  addService(id: string, changes: Partial<ServicePolicy> = {}): void {
    const policy = { ...DEFAULT_SERVICE_POLICY, ...changes };
    this.happen({
      type: 'unit.added',
      unit: { id, name: id, image: 't', kind: 'service', policy },
    });
  }

  addTask(id: string, changes: Partial<OnbootPolicy> = {}): void {
    const policy = { ...DEFAULT_ONBOOT_POLICY, ...changes };
    this.happen({ type: 'unit.added', unit: { id, name: id, image: 't', kind: 'onboot', policy } });
  }

  addEndTask(id: string, changes: Partial<TaskPolicy> = {}): void {
    const policy = { ...DEFAULT_ONSHUTDOWN_POLICY, ...changes };
    const unit = { id, name: id, image: 't', kind: 'onshutdown', policy } as const;
    this.happen({ type: 'unit.added', unit });
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
  end(id: string, end: RunEnd): void {
    const { run } = this.unit(id);
    this.happen({ type: 'unit.exited', id, run, end });
    this.happen({ type: 'unit.removed', id, run });
  }

  /** Its health check is asked, when the time for it has come, and answers. */
  probe(id: string, passed: boolean, output = ''): void {
    this.fireTimer(id, 'probe');
    const { run } = this.unit(id);
    this.happen({ type: 'unit.probed', id, run, result: { tookMs: 5, passed, output } });
  }

  /** Lets the unit's newest timer of that name fire and returns how long it was. */
  fireTimer(id: string, name: TimerName = 'backoff'): number {
    const effect = this.effects.findLast(
      (order) => order.type === 'timer.start' && order.id === id && order.timer === name,
    );
    if (effect?.type !== 'timer.start') throw new Error(`no timer ${name} of ${id}`);
    const { run, timer, ms } = effect;
    this.nowMs += ms;
    this.happen({ type: 'timer.fired', id, run, timer });
    return ms;
  }
}
