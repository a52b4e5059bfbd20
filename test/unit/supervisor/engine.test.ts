import { expect, it } from 'vitest';
import { Engine } from '../../../supervisor/engine.ts';
import type { Change, Effect } from '../../../supervisor/service/effect.ts';
import type { Supervisor } from '../../../supervisor/service/state.ts';

function setUp(observe: (supervisor: Supervisor) => void = () => undefined): {
  engine: Engine;
  effects: Effect[];
  changes: Change[];
} {
  const effects: Effect[] = [];
  const changes: Change[] = [];
  let nowMs = 0;
  const engine = new Engine({
    nowMs: () => (nowMs += 1),
    carryOut: (effect) => {
      effects.push(effect);
      // A launcher that answers at once, from within its order.
      if (effect.type !== 'unit.launch') return;
      const { id, run } = effect;
      engine.dispatch({ type: 'unit.created', id, run, pid: 100 });
      engine.dispatch({ type: 'unit.started', id, run });
    },
    record: (change) => changes.push(change),
    observe,
  });
  return { engine, effects, changes };
}

const CONSOLE = { id: 'console', name: 'console', image: '', kind: 'system' } as const;

it('Engine takes facts that arrive while it turns one after another', () => {
  const { engine, effects } = setUp();
  engine.dispatch({ type: 'unit.added', unit: CONSOLE });
  expect(engine.state.units[0]?.state).toMatchObject({
    tag: 'running',
    run: 1,
    pid: 100,
    sinceMs: 3,
  });
  expect(effects).toHaveLength(1);
});

it('Engine carries orders out even when an onlooker fails, and says so', () => {
  const { engine, effects, changes } = setUp(() => {
    throw new Error('no such file');
  });
  engine.dispatch({ type: 'unit.added', unit: CONSOLE });
  expect(effects).toHaveLength(1);
  expect(changes[0]).toMatchObject({ unit: 'machine', severity: 'error' });
  expect(changes[0]?.text).toContain('no such file');
});

it('Engine goes on from the state it is given', () => {
  const first = setUp().engine;
  first.dispatch({ type: 'unit.added', unit: CONSOLE });
  const context = { nowMs: () => 9, carryOut: () => undefined, record: () => undefined };
  const next = new Engine({ ...context, observe: () => undefined }, first.state);
  next.dispatch({
    type: 'unit.exited',
    id: 'console',
    run: 1,
    end: { kind: 'exited', code: 0 },
  });
  expect(next.state.units[0]?.state.tag).toBe('cleaning');
});
