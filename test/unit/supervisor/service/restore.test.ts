import { expect, it } from 'vitest';
import { reduce } from '../../../../supervisor/service/reduce.ts';
import { restore } from '../../../../supervisor/service/restore.ts';
import type { Supervisor } from '../../../../supervisor/service/state.ts';
import { Play } from './play.ts';

const overTheWire = (supervisor: Supervisor): Supervisor =>
  JSON.parse(JSON.stringify(supervisor)) as Supervisor;

function booted(): Play {
  const play = new Play();
  play.add('system', 'console');
  play.run('console', 5);
  play.add('onboot', '000-format');
  play.add('service', 'redis');
  play.add('service', 'web');
  play.happen({ type: 'boot.finished' });
  play.run('000-format', 10);
  play.end('000-format', { kind: 'exited', code: 0 });
  return play;
}

it('restore() adopts what runs and keeps its run, so that its exit still counts', () => {
  const play = booted();
  play.run('redis', 100);
  const { supervisor, effects } = restore(overTheWire(play.supervisor), 5000);
  expect(effects).toContainEqual({ type: 'unit.adopt', id: 'redis', run: 1, pid: 100 });
  const exited = { kind: 'exited', code: 1 } as const;
  const { next } = reduce(supervisor, {
    type: 'unit.exited',
    id: 'redis',
    run: 1,
    end: exited,
    atMs: 6000,
  });
  expect(next.units.find(({ id }) => id === 'redis')?.state.tag).toBe('cleaning');
});

it('restore() launches again what was being started, under a new run', () => {
  const play = booted();
  const { supervisor } = restore(overTheWire(play.supervisor), 5000);
  const { effects } = reduce(supervisor, { type: 'boot.finished', atMs: 5000 });
  expect(effects).toContainEqual({ type: 'unit.launch', id: 'web', run: 2 });
});

it('restore() runs no onboot task again', () => {
  const play = booted();
  const { supervisor } = restore(overTheWire(play.supervisor), 5000);
  const { effects } = reduce(supervisor, { type: 'boot.finished', atMs: 5000 });
  expect(effects.some((effect) => 'id' in effect && effect.id === '000-format')).toBe(false);
});

it('restore() waits out what is left of a backoff', () => {
  const play = booted();
  play.run('redis', 100);
  play.end('redis', { kind: 'exited', code: 1 });
  const { effects } = restore(overTheWire(play.supervisor), play.nowMs + 40);
  const timer = { type: 'timer.start', id: 'redis', run: 1, timer: 'backoff' } as const;
  expect(effects).toContainEqual({ ...timer, ms: 60 });
});

it('restore() goes on with a shutdown, its grace time begun anew', () => {
  const play = booted();
  play.run('redis', 100);
  play.run('web', 101);
  play.happen({ type: 'machine.end-requested', end: 'poweroff', by: 'test' });
  const { supervisor, effects } = restore(overTheWire(play.supervisor), 5000);
  expect(effects).toContainEqual({ type: 'machine.timer', what: 'end', ms: 90_000 });
  const timer = { type: 'timer.start', id: 'web', run: 1, timer: 'grace' } as const;
  expect(effects).toContainEqual({ ...timer, ms: 10_000 });
  expect(supervisor.phase).toBe('stopping');
});

it('restore() leaves out our own processes, which are begun anew', () => {
  const { supervisor } = restore(overTheWire(booted().supervisor), 5000);
  expect(supervisor.units.map(({ id }) => id)).toEqual(['000-format', 'redis', 'web']);
});
