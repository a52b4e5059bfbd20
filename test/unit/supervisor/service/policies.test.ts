import { describe, expect, it } from 'vitest';
import type { Exit } from '../../../../sys/exit.ts';
import type { Fact } from '../../../../supervisor/engine.ts';
import type { Dependency } from '../../../../supervisor/service/policy.ts';
import { unitStatus } from '../../../../supervisor/service/status.ts';
import { Play } from './play.ts';

const exit = (code: number): Exit => ({ kind: 'exited', code });
const on = (unit: string, condition: Dependency['condition'] = 'started'): Dependency => ({
  unit,
  condition,
  required: true,
});

function booted(add: (play: Play) => void): Play {
  const play = new Play();
  add(play);
  play.happen({ type: 'boot.finished' });
  return play;
}

const tag = (play: Play, id: string): string => play.unit(id).state.tag;
const reason = (play: Play, id: string): string =>
  unitStatus(play.supervisor, play.unit(id), play.nowMs).reason;
const request = (what: 'start' | 'stop' | 'restart', id: string): Fact => ({
  type: `unit.${what}-requested`,
  id,
  by: 'test',
});

describe('restart', () => {
  it.each([
    ['no', exit(0), 'finished'],
    ['no', exit(3), 'failed'],
    ['on-failure', exit(0), 'finished'],
    ['on-failure', exit(3), 'backoff'],
    ['on-failure', { kind: 'signaled', signal: 9, core: false } as const, 'backoff'],
    ['on-failure', { kind: 'oom-killed' } as const, 'backoff'],
    ['always', exit(0), 'backoff'],
    ['unless-stopped', exit(0), 'backoff'],
    ['always', exit(125), 'failed'],
  ] as const)('%s after %j leads to %s', (kind, end, state) => {
    const play = booted((p) => p.addService('a', { restart: { kind } }));
    play.run('a', 10);
    play.end('a', end);
    expect(tag(play, 'a')).toBe(state);
  });

  it('takes the exit codes that the policy names for success', () => {
    const play = booted((p) =>
      p.addService('a', { restart: { kind: 'on-failure' }, successExitStatus: [143] }),
    );
    play.run('a', 10);
    play.end('a', exit(143));
    expect(tag(play, 'a')).toBe('finished');
  });

  it('on-failure:N gives up after N restarts in a row and says so', () => {
    const restart = { kind: 'on-failure', maxRestarts: 2 } as const;
    const play = booted((p) => p.addService('a', { restart }));
    for (let n = 0; n < 2; n += 1) {
      play.run('a', 10 + n);
      play.end('a', exit(1));
      play.fireTimer('a');
    }
    play.run('a', 12);
    play.end('a', exit(1));
    expect(tag(play, 'a')).toBe('failed');
    expect(reason(play, 'a')).toBe('exit code 1; started again 2 times');
  });

  it('on-failure:N counts anew after a run that lasted', () => {
    const restart = { kind: 'on-failure', maxRestarts: 1 } as const;
    const play = booted((p) => p.addService('a', { restart }));
    for (let n = 0; n < 5; n += 1) {
      play.run('a', 10 + n);
      play.nowMs += 10_000;
      play.end('a', exit(1));
      expect(play.fireTimer('a')).toBe(100);
    }
  });
});

describe('startLimit', () => {
  const crashing = (action: 'none' | 'reboot'): Play => {
    const startLimit = { burst: 3, intervalMs: 10_000, action };
    const play = booted((p) => p.addService('a', { startLimit }));
    for (let n = 0; n < 3; n += 1) {
      play.run('a', 10 + n);
      play.end('a', exit(1));
      play.fireTimer('a');
    }
    return play;
  };

  it('fails a service that is started too often, for good', () => {
    const play = crashing('none');
    expect(tag(play, 'a')).toBe('failed');
    expect(reason(play, 'a')).toBe('exit code 1; started 3 times within 10 s');
    expect(play.supervisor.phase).toBe('services');
  });

  it('takes its action', () => {
    const play = crashing('reboot');
    expect(play.supervisor.end).toBe('reboot');
    expect(play.effects.at(-1)).toEqual({ type: 'machine.end', end: 'reboot' });
  });

  it('forgets starts when a person starts the service', () => {
    const play = crashing('none');
    play.happen(request('start', 'a'));
    expect(tag(play, 'a')).toBe('starting');
  });
});

describe('dependsOn', () => {
  it('starts a service when what it depends on runs', () => {
    const play = booted((p) => {
      p.addService('web', { dependsOn: [on('db')] });
      p.addService('db');
    });
    expect([tag(play, 'web'), tag(play, 'db')]).toEqual(['waiting', 'starting']);
    expect(reason(play, 'web')).toBe('waits for db to run');
    play.run('db', 10);
    expect(tag(play, 'web')).toBe('starting');
  });

  it('completed waits for the end, not for the start', () => {
    const play = booted((p) => {
      p.addService('web', { dependsOn: [on('migrate', 'completed')] });
      p.addService('migrate', { restart: { kind: 'on-failure' } });
    });
    play.run('migrate', 10);
    expect(tag(play, 'web')).toBe('waiting');
    play.end('migrate', exit(0));
    expect(tag(play, 'web')).toBe('starting');
  });

  it('passes a failure on, as far as it is needed', () => {
    const play = booted((p) => {
      p.addService('c', { dependsOn: [on('b')] });
      p.addService('b', { dependsOn: [on('a')] });
      p.addService('a', { restart: { kind: 'no' } });
      p.addService('free', { dependsOn: [{ ...on('a', 'completed'), required: false }] });
    });
    play.happen({ type: 'unit.start-failed', id: 'a', run: 1, stage: 'create', message: 'no' });
    play.happen({ type: 'unit.removed', id: 'a', run: 1 });
    expect(['a', 'b', 'c', 'free'].map((id) => tag(play, id))).toEqual([
      'failed',
      'failed',
      'failed',
      'starting',
    ]);
    expect(reason(play, 'c')).toBe('dependency b has failed');
  });

  it('leaves a running service alone when its dependency crashes later', () => {
    const play = booted((p) => {
      p.addService('web', { dependsOn: [on('db')] });
      p.addService('db');
    });
    play.run('db', 10);
    play.run('web', 11);
    play.end('db', exit(1));
    expect(tag(play, 'web')).toBe('running');
  });

  it('stops in the reverse order at the end of the machine', () => {
    const play = booted((p) => {
      p.addService('db');
      p.addService('web', { dependsOn: [on('db')] });
    });
    play.run('db', 10);
    play.run('web', 11);
    play.happen({ type: 'machine.end-requested', end: 'poweroff', by: 'test' });
    expect([tag(play, 'web'), tag(play, 'db')]).toEqual(['stopping', 'running']);
    expect(reason(play, 'db')).toMatch(/stops after web$/);
    play.end('web', exit(0));
    expect(tag(play, 'db')).toBe('stopping');
  });
});

describe("a person's request", () => {
  const running = (): Play => {
    const play = booted((p) => p.addService('a', { stopSignal: 2, stopTimeoutMs: 3000 }));
    play.run('a', 10);
    return play;
  };

  it('stops a service by its own signal and grace, and it stays stopped', () => {
    const play = running();
    play.happen(request('stop', 'a'));
    expect(play.effects).toContainEqual({ type: 'unit.signal', id: 'a', run: 1, signal: 2 });
    expect(play.fireTimer('a', 'grace')).toBe(3000);
    play.end('a', { kind: 'signaled', signal: 9, core: false });
    expect(tag(play, 'a')).toBe('stopped');
    play.happen(request('start', 'a'));
    expect(tag(play, 'a')).toBe('starting');
  });

  it('restarts without delay and without counting as a crash', () => {
    const play = running();
    play.happen(request('restart', 'a'));
    play.end('a', exit(0));
    expect(tag(play, 'a')).toBe('starting');
    expect(play.unit('a').shortRuns).toBe(0);
  });

  it('start during a stop starts again when it is down', () => {
    const play = running();
    play.happen(request('stop', 'a'));
    play.happen(request('start', 'a'));
    play.end('a', exit(0));
    expect(tag(play, 'a')).toBe('starting');
  });

  it('start ends a backoff, and its timer then changes nothing', () => {
    const play = running();
    play.end('a', exit(1));
    play.happen(request('start', 'a'));
    expect(tag(play, 'a')).toBe('starting');
    play.fireTimer('a');
    expect(play.unit('a').run).toBe(2);
  });

  it('cannot hold up the end of the machine', () => {
    const play = running();
    play.happen({ type: 'machine.end-requested', end: 'poweroff', by: 'test' });
    play.happen(request('restart', 'a'));
    play.end('a', exit(0));
    expect(play.supervisor.phase).toBe('halting');
  });

  it('does not reach tasks and our own processes', () => {
    const play = new Play();
    play.add('system', 'console');
    play.run('console', 5);
    play.happen(request('stop', 'console'));
    expect(tag(play, 'console')).toBe('running');
  });
});

describe('time limits', () => {
  it('kill a launch that takes too long', () => {
    const play = booted((p) => p.addService('a', { startTimeoutMs: 5000 }));
    expect(play.fireTimer('a', 'start')).toBe(5000);
    expect(play.effects).toContainEqual({ type: 'unit.kill', id: 'a', run: 1 });
  });

  it('of the start no longer matter to a service that runs', () => {
    const play = booted((p) => p.addService('a'));
    play.run('a', 10);
    play.fireTimer('a', 'start');
    expect(tag(play, 'a')).toBe('running');
  });

  it('end an onboot task, which then has failed', () => {
    const play = booted((p) => {
      p.addTask('000-dhcp', { timeoutMs: 30_000 });
      p.addService('a');
    });
    play.run('000-dhcp', 10);
    expect(play.fireTimer('000-dhcp', 'task')).toBe(30_000);
    expect(tag(play, '000-dhcp')).toBe('stopping');
    play.end('000-dhcp', { kind: 'signaled', signal: 15, core: false });
    expect(tag(play, '000-dhcp')).toBe('failed');
    expect(reason(play, '000-dhcp')).toBe('timed out after 30 s (killed by SIGTERM)');
    expect(tag(play, 'a')).toBe('starting');
  });
});

describe('what a failure means for the machine', () => {
  it.each(['halt', 'reboot'] as const)('onFailure: %s ends it', (onFailure) => {
    const play = booted((p) => {
      p.addTask('000-disk', { onFailure });
      p.addService('a');
    });
    play.run('000-disk', 10);
    play.end('000-disk', exit(1));
    expect(play.effects.at(-1)).toEqual({ type: 'machine.end', end: onFailure });
    expect(tag(play, 'a')).toBe('stopped');
  });

  it('an essential service that fails for good reboots it', () => {
    const play = booted((p) => p.addService('a', { essential: true, restart: { kind: 'no' } }));
    play.run('a', 10);
    play.end('a', exit(1));
    expect(play.supervisor.end).toBe('reboot');
  });

  it('an essential service that finishes switches it off', () => {
    const play = booted((p) => p.addService('a', { essential: true, restart: { kind: 'no' } }));
    play.run('a', 10);
    play.end('a', exit(0));
    expect(play.supervisor.end).toBe('poweroff');
  });
});
