import { describe, expect, it } from 'vitest';
import { unitStatus } from '../../../../supervisor/service/status.ts';
import { Play } from './play.ts';

const poweroff = { type: 'machine.end-requested', end: 'poweroff', by: 'test' } as const;
const DONE = { kind: 'exited', code: 0 } as const;
const DIED = { kind: 'signaled', signal: 9, core: false } as const;

function machine(): Play {
  const play = new Play();
  play.add('service', 'db');
  play.add('onshutdown', 'save');
  play.addEndTask('tell', { timeoutMs: 5000 });
  play.happen({ type: 'boot.finished' });
  play.run('db', 100);
  return play;
}

function tags(play: Play): string[] {
  return ['db', 'save', 'tell'].map((id) => play.unit(id).state.tag);
}

describe('onshutdown tasks', () => {
  it('wait for the end of the machine, and say so', () => {
    const play = machine();
    expect(tags(play)).toEqual(['running', 'waiting', 'waiting']);
    expect(unitStatus(play.supervisor, play.unit('save'), play.nowMs).reason).toBe(
      'runs when the machine ends',
    );
  });

  it('run one after another, before any service is stopped', () => {
    const play = machine();
    play.happen(poweroff);
    expect(tags(play)).toEqual(['running', 'starting', 'waiting']);
    play.run('save', 200);
    play.end('save', DONE);
    expect(tags(play)).toEqual(['running', 'finished', 'starting']);
    play.run('tell', 201);
    expect(tags(play)[0]).toBe('running');
    play.end('tell', { kind: 'exited', code: 4 });
    expect(tags(play)).toEqual(['stopping', 'finished', 'failed']);
    play.end('db', DIED);
    expect(play.effects.at(-1)).toEqual({ type: 'machine.end', end: 'poweroff' });
  });

  it('may not take longer than they may', () => {
    const play = machine();
    play.happen(poweroff);
    play.run('save', 200);
    expect(play.fireTimer('save', 'task')).toBe(30_000);
    expect(tags(play)).toEqual(['running', 'stopping', 'waiting']);
  });

  it('leave services the time to stop: what has not run after 60 s does not run', () => {
    const play = machine();
    play.happen(poweroff);
    play.run('save', 200);
    expect(play.effects).toContainEqual({ type: 'machine.timer', what: 'tasks', ms: 60_000 });
    play.happen({ type: 'machine.overdue', what: 'tasks' });
    expect(tags(play)).toEqual(['stopping', 'stopping', 'stopped']);
  });

  it('do not keep the machine from its end after 90 s', () => {
    const play = machine();
    play.happen(poweroff);
    play.happen({ type: 'machine.overdue', what: 'end' });
    expect(play.supervisor.phase).toBe('halting');
  });

  it('let no service begin that was not running', () => {
    const play = machine();
    play.end('db', DIED);
    play.happen(poweroff);
    play.fireTimer('db');
    expect(tags(play)).toEqual(['waiting', 'starting', 'waiting']);
    expect(unitStatus(play.supervisor, play.unit('db'), play.nowMs).reason).toBe(
      'the machine ends',
    );
  });

  it('end the machine at once when there are none', () => {
    const play = new Play();
    play.happen({ type: 'boot.finished' });
    play.happen(poweroff);
    expect(play.effects.map(({ type }) => type)).toEqual(['machine.timer', 'machine.end']);
  });
});
