import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Fact } from '../../../../supervisor/engine.ts';
import { type Condition, DEFAULT_HEALTH_CHECK } from '../../../../supervisor/service/policy.ts';
import { unitStatus } from '../../../../supervisor/service/status.ts';
import { Play } from './play.ts';

const IDS = ['console', '000-task', 'save', 'redis', 'web'];

const SECRET: Condition = { kind: 'path', path: '/run/secret' };

const unitFact = fc
  .record({
    id: fc.constantFrom(...IDS),
    run: fc.integer({ min: 1, max: 4 }),
    type: fc.constantFrom(
      'unit.created',
      'unit.started',
      'unit.start-failed',
      'unit.exited',
      'unit.removed',
      'unit.step',
      'unit.ready',
      'unit.probed',
      'unit.missing',
      'timer.fired',
    ),
    good: fc.boolean(),
    timer: fc.constantFrom('backoff', 'start', 'grace', 'task', 'probe', 'wait'),
  })
  .map(({ id, run, type, good, timer }): Fact => {
    switch (type) {
      case 'unit.created':
        return { type, id, run, pid: 100 + run };
      case 'unit.start-failed':
        return { type, id, run, stage: 'create', message: 'no' };
      case 'unit.exited':
        return { type, id, run, end: { kind: 'exited', code: 1 } };
      case 'timer.fired':
        return { type, id, run, timer };
      case 'unit.step':
        return { type, id, run, pid: 90 + run, step: 'preStart 1 of 1' };
      case 'unit.probed':
        return { type, id, run, result: { tookMs: 1, passed: good, output: '' } };
      case 'unit.missing':
        return { type, id, run: run - 1, missing: good ? [] : [SECRET] };
      case 'unit.ready':
      case 'unit.started':
      case 'unit.removed':
        return { type, id, run };
    }
  });

const machineFact = fc.constantFrom<Fact>(
  { type: 'boot.finished' },
  { type: 'machine.end-requested', end: 'poweroff', by: 'test' },
  { type: 'machine.overdue', what: 'end' },
  { type: 'machine.overdue', what: 'tasks' },
);

const personFact = fc
  .record({
    id: fc.constantFrom(...IDS),
    request: fc.constantFrom('start', 'stop', 'restart'),
  })
  .map(({ id, request }): Fact => ({ type: `unit.${request}-requested`, id, by: 'test' }));

const stream = fc.array(
  fc.oneof({ weight: 12, arbitrary: unitFact }, { weight: 2, arbitrary: personFact }, machineFact),
  { maxLength: 120 },
);

function start(): Play {
  const play = new Play();
  play.add('system', 'console');
  play.add('onboot', '000-task');
  play.add('onshutdown', 'save');
  play.addService('redis', {
    readiness: { kind: 'notify' },
    health: {
      ...DEFAULT_HEALTH_CHECK,
      probe: { kind: 'tcp', host: '127.0.0.1', port: 6379 },
      retries: 2,
      onUnhealthy: 'restart',
    },
  });
  play.addService('web', {
    waitsFor: [SECRET],
    dependsOn: [{ unit: 'redis', condition: 'started', required: true }],
    startLimit: { burst: 3, intervalMs: 60_000, action: 'none' },
  });
  return play;
}

it('reduce() never launches a unit whose last run is not removed', () => {
  fc.assert(
    fc.property(stream, (facts) => {
      const play = start();
      const live = new Set<string>(['console']);
      for (const fact of facts) {
        const before = play.effects.length;
        const wasCleaning = IDS.filter((id) => play.unit(id).state.tag === 'cleaning');
        play.happen(fact);
        for (const id of wasCleaning) {
          if (play.unit(id).state.tag !== 'cleaning') live.delete(id);
        }
        for (const effect of play.effects.slice(before)) {
          if (effect.type !== 'unit.launch') continue;
          expect(live.has(effect.id)).toBe(false);
          live.add(effect.id);
        }
      }
    }),
  );
});

it('reduce() launches only onshutdown tasks once the machine is to end', () => {
  fc.assert(
    fc.property(stream, (facts) => {
      const play = start();
      for (const fact of facts) {
        const ending = play.supervisor.end !== undefined;
        const before = play.effects.length;
        play.happen(fact);
        const launched = play.effects.slice(before).filter(({ type }) => type === 'unit.launch');
        const allowed = ['console', 'save'];
        if (ending) expect(launched.every((e) => 'id' in e && allowed.includes(e.id))).toBe(true);
      }
    }),
  );
});

it('reduce() orders the end of the machine at most once', () => {
  fc.assert(
    fc.property(stream, (facts) => {
      const play = start();
      facts.forEach((fact) => play.happen(fact));
      expect(play.effects.filter(({ type }) => type === 'machine.end').length).toBeLessThan(2);
    }),
  );
});

it('unitStatus() gives every unit that is not up a reason', () => {
  fc.assert(
    fc.property(stream, (facts) => {
      const play = start();
      for (const fact of facts) {
        play.happen(fact);
        for (const unit of play.supervisor.units) {
          expect(unitStatus(play.supervisor, unit, play.nowMs).reason).not.toBe('');
        }
      }
    }),
  );
});

it('reduce() launches no service whose required dependency is not up', () => {
  fc.assert(
    fc.property(stream, (facts) => {
      const play = start();
      for (const fact of facts) {
        const before = play.effects.length;
        play.happen(fact);
        const launched = play.effects.slice(before).filter(({ type }) => type === 'unit.launch');
        if (!launched.some((effect) => 'id' in effect && effect.id === 'web')) continue;
        expect(play.unit('redis').state).toMatchObject({ tag: 'running', ready: true });
      }
    }),
  );
});

it('reduce() comes to rest after an end request once every process has ended', () => {
  fc.assert(
    fc.property(stream, (facts) => {
      const play = start();
      facts.forEach((fact) => play.happen(fact));
      play.happen({ type: 'boot.finished' });
      play.happen({ type: 'machine.end-requested', end: 'poweroff', by: 'test' });
      for (let round = 0; round < 12; round += 1) {
        for (const id of IDS.filter((candidate) => candidate !== 'console')) {
          const { state, run } = play.unit(id);
          if (state.tag === 'starting') {
            const refusal = { stage: 'create', message: 'no' };
            play.happen({ type: 'unit.start-failed', id, run, ...refusal });
          }
          play.end(id, { kind: 'exited', code: 0 });
        }
      }
      expect(play.supervisor.phase).toBe('halting');
    }),
  );
});

it('reduce() asks for the health only of what runs, and once at a time', () => {
  fc.assert(
    fc.property(stream, (facts) => {
      const play = start();
      for (const fact of facts) {
        const before = play.effects.length;
        play.happen(fact);
        const probes = play.effects.slice(before).filter(({ type }) => type === 'unit.probe');
        expect(probes.length).toBeLessThan(2);
        if (probes.length > 0) expect(play.unit('redis').state.tag).toBe('running');
      }
    }),
  );
});

it('reduce() changes nothing for a fact about an older run', () => {
  fc.assert(
    fc.property(stream, unitFact, (facts, late) => {
      const play = start();
      facts.forEach((fact) => play.happen(fact));
      if (!('run' in late)) return;
      const unit = play.unit(late.id);
      const [before, told] = [play.supervisor.units, play.effects.length];
      play.happen({ ...late, run: unit.run - 1 });
      expect(play.supervisor.units).toEqual(before);
      expect(play.effects.length).toBe(told);
    }),
  );
});
