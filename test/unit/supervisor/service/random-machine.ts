/**
 * A machine that fate drives: an engine whose orders are answered, late or never, as the numbers say. Reaches
 * states that a stream of unrelated facts seldom does.
 */
import { Engine, type EngineContext, type Fact } from '../../../../supervisor/engine.ts';
import type { Effect } from '../../../../supervisor/service/effect.ts';
import {
  DEFAULT_HEALTH_CHECK,
  DEFAULT_ONBOOT_POLICY,
  DEFAULT_ONSHUTDOWN_POLICY,
  DEFAULT_SERVICE_POLICY,
} from '../../../../supervisor/service/policy.ts';
import type { UnitDescription } from '../../../../supervisor/service/state.ts';

const UNITS: readonly UnitDescription[] = [
  { id: 'console', name: 'console', image: '', kind: 'system' },
  { id: '000-task', name: 'task', image: 't', kind: 'onboot', policy: DEFAULT_ONBOOT_POLICY },
  { id: 'save', name: 'save', image: 't', kind: 'onshutdown', policy: DEFAULT_ONSHUTDOWN_POLICY },
  {
    id: 'redis',
    name: 'redis',
    image: 't',
    kind: 'service',
    policy: {
      ...DEFAULT_SERVICE_POLICY,
      readiness: { kind: 'health' },
      health: {
        ...DEFAULT_HEALTH_CHECK,
        probe: { kind: 'tcp', host: '127.0.0.1', port: 6379 },
        retries: 1,
        onUnhealthy: 'restart',
      },
    },
  },
  {
    id: 'web',
    name: 'web',
    image: 't',
    kind: 'service',
    policy: {
      ...DEFAULT_SERVICE_POLICY,
      waitsFor: [{ kind: 'path', path: '/run/secret' }],
      dependsOn: [{ unit: 'redis', condition: 'started', required: true }],
      startLimit: { burst: 3, intervalMs: 60_000, action: 'none' },
    },
  },
];

/** Plays one move per number; `observers` see what PID 1's would. */
export function playRandomMachine(
  moves: readonly number[],
  observers: Pick<EngineContext, 'receive' | 'observe'>,
): Engine {
  const pending: Fact[] = [];
  let nowMs = 1000;
  const engine = new Engine({
    nowMs: () => nowMs,
    carryOut: (effect) => pending.push(...answers(effect)),
    record: () => undefined,
    ...observers,
  });
  for (const unit of UNITS) engine.dispatch({ type: 'unit.added', unit });
  engine.dispatch({ type: 'boot.finished' });
  for (const move of moves) {
    nowMs += move % 997;
    const [chosen] = pending.splice(move % (pending.length + 1), 1);
    engine.dispatch(chosen ?? wish(move));
  }
  return engine;
}

function answers(effect: Effect): Fact[] {
  switch (effect.type) {
    case 'unit.launch': {
      const { id, run } = effect;
      return [
        { type: 'unit.step', id, run, pid: 90 + run, step: 'preStart 1 of 1' },
        { type: 'unit.created', id, run, pid: 100 + run },
        { type: 'unit.started', id, run },
        { type: 'unit.exited', id, run, end: { kind: 'exited', code: run % 3 } },
        { type: 'unit.start-failed', id, run, stage: 'create', message: 'no such file' },
      ];
    }
    case 'unit.probe': {
      const { id, run } = effect;
      return [true, false].map((passed) => {
        return { type: 'unit.probed', id, run, result: { tookMs: 3, passed, output: 'PONG' } };
      });
    }
    case 'unit.await': {
      const { id, run, conditions } = effect;
      return [conditions, []].map((missing) => ({ type: 'unit.missing', id, run, missing }));
    }
    case 'unit.remove':
      return [{ type: 'unit.removed', id: effect.id, run: effect.run }];
    case 'timer.start': {
      const { id, run, timer } = effect;
      return [{ type: 'timer.fired', id, run, timer }];
    }
    case 'unit.signal':
    case 'unit.kill': {
      const { id, run } = effect;
      return [{ type: 'unit.exited', id, run, end: { kind: 'signaled', signal: 9, core: false } }];
    }
    default:
      return [];
  }
}

function wish(move: number): Fact {
  const id = UNITS[move % UNITS.length]?.id ?? '';
  if (move % 61 === 0) return { type: 'machine.end-requested', end: 'reboot', by: 'fate' };
  if (move % 2 === 0) return { type: 'unit.start-requested', id, by: 'fate' };
  return {
    type: move % 3 === 0 ? 'unit.stop-requested' : 'unit.restart-requested',
    id,
    by: 'fate',
  };
}
