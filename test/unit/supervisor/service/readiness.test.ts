import { describe, expect, it } from 'vitest';
import {
  DEFAULT_HEALTH_CHECK,
  type HealthCheck,
  type ServicePolicy,
} from '../../../../supervisor/service/policy.ts';
import { isSettled, isWell } from '../../../../supervisor/service/settled.ts';
import { healthReport, unitStatus } from '../../../../supervisor/service/status.ts';
import { Play } from './play.ts';

const CHECK: HealthCheck = {
  ...DEFAULT_HEALTH_CHECK,
  probe: { kind: 'http', host: '127.0.0.1', port: 80, path: '/' },
  retries: 2,
};
const ENDED = { kind: 'signaled', signal: 15, core: false } as const;

function running(policy: Partial<ServicePolicy>): Play {
  const play = new Play();
  play.addService('web', policy);
  play.happen({ type: 'boot.finished' });
  play.run('web', 100);
  return play;
}

function status(play: Play, id = 'web') {
  return unitStatus(play.supervisor, play.unit(id), play.nowMs);
}

function orders(play: Play): string[] {
  return play.effects.map((effect) =>
    effect.type === 'timer.start' ? `${effect.timer} timer` : effect.type,
  );
}

describe('a service without a health check', () => {
  it('has no health, which is not the same as a bad one', () => {
    const play = running({});
    expect(status(play)).toMatchObject({ state: 'running', health: 'none' });
    expect(healthReport(play.unit('web'))).toBeUndefined();
    expect(orders(play)).not.toContain('probe timer');
  });
});

describe('a health check', () => {
  it('is asked again and again, an interval after each answer', () => {
    const play = running({ health: CHECK });
    expect(status(play).health).toBe('starting');
    play.probe('web', true);
    play.probe('web', true);
    expect(orders(play).filter((order) => order === 'unit.probe')).toHaveLength(2);
    expect(play.fireTimer('web', 'probe')).toBe(30_000);
    expect(status(play)).toMatchObject({ health: 'healthy', state: 'running' });
  });

  it('that fails makes the service unhealthy, says why once, and leaves it alone', () => {
    const play = running({ health: CHECK });
    play.probe('web', true);
    play.probe('web', false, 'status 500\nmore');
    play.probe('web', false, 'status 500\nmore');
    play.probe('web', false, 'status 500\nmore');
    expect(status(play)).toMatchObject({ state: 'running', health: 'unhealthy' });
    expect(status(play).reason).toContain('unhealthy: its last 3 checks failed: status 500');
    const told = play.changes.filter(({ severity }) => severity === 'warning');
    expect(told.map(({ text }) => text)).toEqual([
      'unhealthy: its check has failed 2 times in a row: status 500',
    ]);
    expect(orders(play)).not.toContain('unit.signal');
  });

  it('with onUnhealthy restart stops the service, and its policy decides as after a failure', () => {
    const play = running({ health: { ...CHECK, onUnhealthy: 'restart' } });
    play.probe('web', false);
    play.probe('web', false);
    expect(play.unit('web').state.tag).toBe('stopping');
    play.end('web', ENDED);
    expect(status(play).lastExit).toMatchObject({ kind: 'unhealthy' });
    expect(play.unit('web')).toMatchObject({ state: { tag: 'backoff' }, shortRuns: 1 });
  });

  it('counts a service that was healthy for long as having run well', () => {
    const play = running({ health: { ...CHECK, onUnhealthy: 'restart' } });
    play.probe('web', true);
    play.probe('web', false);
    play.probe('web', false);
    play.end('web', ENDED);
    expect(play.unit('web')).toMatchObject({ state: { tag: 'backoff' }, shortRuns: 0 });
  });

  it('whose answer comes after the run has ended changes nothing', () => {
    const play = running({ health: CHECK });
    play.end('web', ENDED);
    play.fireTimer('web');
    const before = play.unit('web');
    play.happen({
      type: 'unit.probed',
      id: 'web',
      run: 1,
      result: { tookMs: 1, passed: false, output: '' },
    });
    expect(play.unit('web')).toEqual(before);
  });
});

describe('readiness', () => {
  function pair(policy: Partial<ServicePolicy>, condition: 'started' | 'healthy' = 'started') {
    const play = new Play();
    play.addService('db', policy);
    play.addService('web', { dependsOn: [{ unit: 'db', condition, required: true }] });
    play.happen({ type: 'boot.finished' });
    play.run('db', 100);
    return play;
  }

  it('by health: dependents wait for the first check that passes', () => {
    const play = pair({ readiness: { kind: 'health' }, health: CHECK });
    expect(status(play, 'db')).toMatchObject({ state: 'starting', pid: 100 });
    expect(status(play).reason).toBe('waits for db to be ready');
    play.probe('db', true);
    expect(status(play, 'db').state).toBe('running');
    expect(play.unit('web').state.tag).toBe('starting');
  });

  it.each([{ kind: 'notify' }, { kind: 'fd', fd: 3 }] as const)(
    'by its own word ($kind): dependents wait for it',
    (readiness) => {
      const play = pair({ readiness });
      expect(play.unit('web').state.tag).toBe('waiting');
      play.happen({ type: 'unit.ready', id: 'db', run: 1 });
      expect(play.unit('web').state.tag).toBe('starting');
    },
  );

  it('that is told before the runtime has reported the start counts', () => {
    const play = new Play();
    play.addService('db', { readiness: { kind: 'notify' } });
    play.happen({ type: 'boot.finished' });
    play.happen({ type: 'unit.created', id: 'db', run: 1, pid: 100 });
    play.happen({ type: 'unit.ready', id: 'db', run: 1 });
    play.happen({ type: 'unit.started', id: 'db', run: 1 });
    expect(status(play, 'db').state).toBe('running');
  });

  it('of an older run counts for nothing', () => {
    const play = pair({ readiness: { kind: 'notify' } });
    play.end('db', ENDED);
    play.fireTimer('db');
    play.run('db', 101);
    play.happen({ type: 'unit.ready', id: 'db', run: 1 });
    expect(status(play, 'db').state).toBe('starting');
  });

  it('that does not come in time ends the run, which does not count as having run well', () => {
    const play = pair({ readiness: { kind: 'notify' }, startTimeoutMs: 20_000 });
    play.fireTimer('db', 'start');
    expect(play.unit('db').state.tag).toBe('stopping');
    play.end('db', ENDED);
    expect(status(play, 'db').lastExit).toMatchObject({ kind: 'timed-out' });
    expect(play.unit('db').lastEnd?.end).toMatchObject({ what: 'start', afterMs: 20_000 });
    expect(play.unit('db').shortRuns).toBe(1);
  });

  it('that has come is not ended by the timer of the start', () => {
    const play = pair({ readiness: { kind: 'notify' } });
    play.happen({ type: 'unit.ready', id: 'db', run: 1 });
    play.fireTimer('db', 'start');
    expect(play.unit('db').state.tag).toBe('running');
  });

  it('is part of a boot that has settled', () => {
    const play = running({ readiness: { kind: 'notify' } });
    expect(isSettled(play.supervisor)).toBe(false);
    play.happen({ type: 'unit.ready', id: 'web', run: 1 });
    expect(isSettled(play.supervisor)).toBe(true);
    expect(isWell(play.supervisor)).toBe(true);
  });

  it('is not health: a dependency on health waits on, and again when it is unhealthy', () => {
    const play = pair({ health: CHECK }, 'healthy');
    expect(status(play, 'db').state).toBe('running');
    expect(status(play).reason).toBe('waits for db to be healthy');
    play.probe('db', false);
    play.probe('db', false);
    expect(play.unit('web').state.tag).toBe('waiting');
    play.probe('db', true);
    expect(play.unit('web').state.tag).toBe('starting');
  });
});
