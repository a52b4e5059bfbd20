import { describe, expect, it } from 'vitest';
import { unitStatus } from '../../../../supervisor/service/status.ts';
import { Play } from './play.ts';

/** A launch whose first command runs. */
function inStep(): Play {
  const play = new Play();
  play.addService('db', { stopSignal: 2, stopTimeoutMs: 7000 });
  play.happen({ type: 'boot.finished' });
  play.happen({ type: 'unit.step', id: 'db', run: 1, pid: 90, step: 'preStart 1 of 1 (migrate)' });
  return play;
}

const stopRequested = { type: 'unit.stop-requested', id: 'db', by: 'test' } as const;
const givenUp = {
  type: 'unit.start-failed',
  id: 'db',
  run: 1,
  stage: 'preStart',
  message: 'SIGINT',
} as const;

function orders(play: Play): object[] {
  return play.effects.filter(({ type }) => type !== 'timer.start');
}

describe('a command before the program', () => {
  it('is shown with its pid, and gives way to the program', () => {
    const play = inStep();
    const status = () => unitStatus(play.supervisor, play.unit('db'), play.nowMs);
    expect(status()).toMatchObject({ state: 'starting', pid: 90 });
    expect(status().reason).toBe('preStart 1 of 1 (migrate)');
    play.run('db', 100);
    expect(status()).toMatchObject({ state: 'running', pid: 100 });
  });

  it('that fails is a start that failed', () => {
    const play = inStep();
    play.happen({ ...givenUp, message: 'migrate: exit code 3' });
    play.happen({ type: 'unit.removed', id: 'db', run: 1 });
    expect(play.unit('db')).toMatchObject({ state: { tag: 'backoff' }, shortRuns: 1 });
    expect(unitStatus(play.supervisor, play.unit('db'), play.nowMs).lastExit).toMatchObject({
      kind: 'not-started',
      text: 'preStart: migrate: exit code 3',
    });
  });

  it('gets the stop signal when the service is stopped, then its grace time', () => {
    const play = inStep();
    play.happen(stopRequested);
    expect(orders(play).slice(-2)).toEqual([
      { type: 'unit.abandon', id: 'db', run: 1 },
      { type: 'unit.signal', id: 'db', run: 1, signal: 2 },
    ]);
    expect(play.fireTimer('db', 'grace')).toBe(7000);
    expect(orders(play).at(-1)).toEqual({ type: 'unit.kill', id: 'db', run: 1 });
    play.happen(givenUp);
    play.happen({ type: 'unit.removed', id: 'db', run: 1 });
    expect(play.unit('db').state.tag).toBe('stopped');
    expect(play.changes.some(({ severity }) => severity === 'error')).toBe(false);
  });
});

describe('a launch that is stopped', () => {
  it('is abandoned once, and stops as soon as it runs if it gets that far', () => {
    const play = new Play();
    play.addService('db');
    play.happen({ type: 'boot.finished' });
    play.happen(stopRequested);
    play.happen(stopRequested);
    expect(
      orders(play).filter((order) => 'type' in order && order.type === 'unit.abandon'),
    ).toEqual([{ type: 'unit.abandon', id: 'db', run: 1 }]);
    play.run('db', 100);
    expect(play.unit('db').state.tag).toBe('stopping');
  });

  it('and wanted again before it is over is launched anew, without delay', () => {
    const play = inStep();
    play.happen(stopRequested);
    play.happen({ type: 'unit.start-requested', id: 'db', by: 'test' });
    play.happen(givenUp);
    play.happen({ type: 'unit.removed', id: 'db', run: 1 });
    expect(play.unit('db')).toMatchObject({ state: { tag: 'starting' }, run: 2, shortRuns: 0 });
  });
});
