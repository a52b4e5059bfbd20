import { describe, expect, it } from 'vitest';
import type { Exit } from '../../../../sys/exit.ts';
import type { Effect } from '../../../../supervisor/service/effect.ts';
import { unitStatus } from '../../../../supervisor/service/status.ts';
import { Play } from './play.ts';

const DIED: Exit = { kind: 'exited', code: 1 };
const DONE: Exit = { kind: 'exited', code: 0 };

const launches = (effects: readonly Effect[]): string[] =>
  effects.flatMap((effect) => (effect.type === 'unit.launch' ? [effect.id] : []));

describe('reduce() at boot', () => {
  it('starts consoles at once and nothing else before the boot has finished', () => {
    const play = new Play();
    play.add('system', 'console-ttyS0');
    play.add('onboot', '000-format');
    play.add('service', 'redis');
    expect(launches(play.effects)).toEqual(['console-ttyS0']);
  });

  it('runs onboot tasks one after another, then all services', () => {
    const play = new Play();
    play.add('onboot', '000-format');
    play.add('onboot', '001-mount');
    play.add('service', 'redis');
    play.add('service', 'web');
    play.happen({ type: 'boot.finished' });
    expect(launches(play.effects)).toEqual(['000-format']);
    play.run('000-format', 10);
    play.end('000-format', DONE);
    expect(launches(play.effects)).toEqual(['000-format', '001-mount']);
    play.run('001-mount', 11);
    play.end('001-mount', DONE);
    expect(launches(play.effects)).toEqual(['000-format', '001-mount', 'redis', 'web']);
  });

  it('goes on after a failing onboot task and says its exit code as an error', () => {
    const play = new Play();
    play.add('onboot', '000-format');
    play.add('service', 'redis');
    play.happen({ type: 'boot.finished' });
    play.run('000-format', 10);
    play.end('000-format', { kind: 'exited', code: 3 });
    expect(launches(play.effects)).toContain('redis');
    expect(play.changes).toContainEqual({
      atMs: play.nowMs,
      unit: '000-format',
      severity: 'error',
      text: 'exit code 3',
    });
    expect(play.unit('000-format').state.tag).toBe('failed');
  });

  it('starts services at once when there are no onboot tasks', () => {
    const play = new Play();
    play.add('service', 'redis');
    play.happen({ type: 'boot.finished' });
    expect(launches(play.effects)).toEqual(['redis']);
  });
});

describe('reduce() of a service', () => {
  const running = (): Play => {
    const play = new Play();
    play.add('service', 'redis');
    play.happen({ type: 'boot.finished' });
    play.run('redis', 100);
    return play;
  };

  it('restarts after 100 ms, doubling while runs stay short', () => {
    const play = running();
    const delays: number[] = [];
    for (let i = 0; i < 12; i += 1) {
      play.end('redis', DIED);
      delays.push(play.fireTimer('redis'));
      play.run('redis', 101 + i);
    }
    expect(delays).toEqual([
      100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 51_200, 60_000, 60_000,
    ]);
  });

  it('counts the delay from the end of the run, so that removing what it left costs nothing', () => {
    const play = running();
    const removedAfter = (ms: number): number => {
      const { run } = play.unit('redis');
      play.happen({ type: 'unit.exited', id: 'redis', run, end: DIED });
      play.nowMs += ms;
      play.happen({ type: 'unit.removed', id: 'redis', run });
      const left = play.fireTimer('redis');
      play.run('redis', 101);
      return left;
    };
    expect(removedAfter(40)).toBe(60);
    expect(removedAfter(500)).toBe(0);
  });

  it('forgets short runs once one has lasted ten seconds', () => {
    const play = running();
    play.end('redis', DIED);
    play.fireTimer('redis');
    play.run('redis', 101);
    play.nowMs += 10_000;
    play.end('redis', DIED);
    expect(play.fireTimer('redis')).toBe(100);
  });

  it('removes what a run left before the next is launched', () => {
    const play = running();
    play.effects.length = 0;
    play.happen({ type: 'unit.exited', id: 'redis', run: 1, end: DIED });
    expect(play.effects).toEqual([{ type: 'unit.remove', id: 'redis', run: 1 }]);
    expect(play.unit('redis').state.tag).toBe('cleaning');
  });

  it('keeps the exit of a program that ends before its start was reported', () => {
    const play = new Play();
    play.add('service', 'redis');
    play.happen({ type: 'boot.finished' });
    play.happen({ type: 'unit.created', id: 'redis', run: 1, pid: 100 });
    play.happen({ type: 'unit.exited', id: 'redis', run: 1, end: DIED });
    expect(play.unit('redis').state.tag).toBe('starting');
    play.happen({ type: 'unit.started', id: 'redis', run: 1 });
    expect(play.unit('redis').lastEnd?.end).toEqual(DIED);
    expect(play.unit('redis').state.tag).toBe('cleaning');
  });

  it("shows the runtime's own words when it refuses, and tries again", () => {
    const play = new Play();
    play.add('service', 'redis');
    play.happen({ type: 'boot.finished' });
    const message = 'exec: "redis-server": executable file not found';
    play.happen({ type: 'unit.start-failed', id: 'redis', run: 1, stage: 'create', message });
    expect(play.changes.at(-1)).toMatchObject({ severity: 'error', text: `create: ${message}` });
    play.happen({ type: 'unit.removed', id: 'redis', run: 1 });
    play.fireTimer('redis');
    expect(launches(play.effects)).toEqual(['redis', 'redis']);
  });

  it('ignores facts about a run that is over', () => {
    const play = running();
    play.end('redis', DIED);
    play.fireTimer('redis');
    play.run('redis', 101);
    const before = play.supervisor;
    const late = { id: 'redis', run: 1 } as const;
    play.happen({ type: 'unit.exited', ...late, end: DIED });
    play.happen({ type: 'unit.removed', ...late });
    play.happen({ type: 'timer.fired', ...late, timer: 'backoff' });
    play.happen({ type: 'unit.start-failed', ...late, stage: 'start', message: '' });
    expect(play.supervisor).toEqual(before);
  });
});

describe('reduce() of a unit whose launch is held', () => {
  it('says what it waits for until it is created', () => {
    const play = new Play();
    play.add('system', 'host-bridge');
    const heldFor = 'the host to connect';
    const status = (): [string, string] => {
      const { state, reason } = unitStatus(play.supervisor, play.unit('host-bridge'), play.nowMs);
      return [state, reason];
    };
    play.happen({ type: 'unit.held', id: 'host-bridge', run: 1, heldFor });
    expect(status()).toEqual(['waiting', 'waits for the host to connect']);
    play.run('host-bridge', 50);
    expect(status()).toEqual(['running', 'up for 0.0 s']);
    play.happen({ type: 'unit.held', id: 'host-bridge', run: 1, heldFor });
    expect(status()[0]).toBe('running');
  });
});

describe('reduce() at shutdown', () => {
  const twoRunning = (): Play => {
    const play = new Play();
    play.add('system', 'console-ttyS0');
    play.run('console-ttyS0', 90);
    play.add('service', 'redis');
    play.add('service', 'web');
    play.happen({ type: 'boot.finished' });
    play.run('redis', 100);
    play.run('web', 101);
    play.effects.length = 0;
    return play;
  };
  const poweroff = { type: 'machine.end-requested', end: 'poweroff', by: 'test' } as const;

  it('signals every service, waits for all, then ends the machine', () => {
    const play = twoRunning();
    play.happen(poweroff);
    expect(play.effects.filter(({ type }) => type === 'unit.signal')).toEqual([
      { type: 'unit.signal', id: 'redis', run: 1, signal: 15 },
      { type: 'unit.signal', id: 'web', run: 1, signal: 15 },
    ]);
    play.end('redis', DONE);
    expect(play.effects).not.toContainEqual({ type: 'machine.end', end: 'poweroff' });
    play.end('web', { kind: 'signaled', signal: 15, core: false });
    expect(play.effects.at(-1)).toEqual({ type: 'machine.end', end: 'poweroff' });
    expect(play.unit('console-ttyS0').state.tag).toBe('running');
  });

  it('kills what does not stop within the grace time', () => {
    const play = twoRunning();
    play.happen(poweroff);
    expect(play.fireTimer('web', 'grace')).toBe(10_000);
    expect(play.effects).toContainEqual({ type: 'unit.kill', id: 'web', run: 1 });
    expect(play.changes.at(-1)?.text).toBe('did not stop within 10 s, killed');
  });

  it('stops a service that was being started as soon as it runs', () => {
    const play = new Play();
    play.add('service', 'redis');
    play.happen({ type: 'boot.finished' });
    play.happen(poweroff);
    expect(play.unit('redis').state.tag).toBe('starting');
    play.run('redis', 100);
    expect(play.unit('redis').state.tag).toBe('stopping');
  });

  it('does not start again what waits in backoff', () => {
    const play = twoRunning();
    play.end('redis', DIED);
    play.happen(poweroff);
    expect(play.unit('redis').state.tag).toBe('stopped');
    play.fireTimer('redis');
    expect(launches(play.effects)).toEqual([]);
  });

  it('ends the machine after 90 s whatever still runs', () => {
    const play = twoRunning();
    play.happen(poweroff);
    expect(play.effects).toContainEqual({ type: 'machine.timer', what: 'end', ms: 90_000 });
    play.happen({ type: 'machine.overdue', what: 'end' });
    expect(play.effects.at(-1)).toEqual({ type: 'machine.end', end: 'poweroff' });
  });

  it('keeps to the first request when a second comes', () => {
    const play = twoRunning();
    play.happen(poweroff);
    play.happen({ ...poweroff, end: 'reboot' });
    expect(play.supervisor.end).toBe('poweroff');
  });
});
