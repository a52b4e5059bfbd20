import { describe, expect, it } from 'vitest';
import { unitStatus } from '../../../../supervisor/service/status.ts';
import { Play } from './play.ts';

function startedService(): Play {
  const play = new Play();
  play.add('service', 'web');
  play.happen({ type: 'boot.finished' });
  return play;
}

function reasonOf(play: Play): string {
  return unitStatus(play.supervisor, play.unit('web'), play.nowMs).reason;
}

describe('unitStatus() of a starting unit', () => {
  it('says what is being done', () => {
    expect(reasonOf(startedService())).toBe('being created');
  });

  it('says why it is being done again', () => {
    const play = startedService();
    play.run('web', 17);
    play.end('web', { kind: 'exited', code: 3 });
    play.fireTimer('web');
    expect(reasonOf(play)).toBe('exit code 3; being created again');
    play.happen({ type: 'unit.created', id: 'web', run: play.unit('web').run, pid: 18 });
    expect(reasonOf(play)).toBe('exit code 3; being started again');
  });
});
