import { describe, expect, it } from 'vitest';
import type { Condition, ServicePolicy } from '../../../../supervisor/service/policy.ts';
import { isSettled, isWell } from '../../../../supervisor/service/settled.ts';
import { unitStatus } from '../../../../supervisor/service/status.ts';
import { Play } from './play.ts';

const SECRET: Condition = { kind: 'path', path: '/run/secret' };
const ETH0: Condition = { kind: 'network', interface: 'eth0' };
const CLOCK: Condition = { kind: 'time', is: 'synchronized' };
const DIED = { kind: 'exited', code: 1 } as const;

function waiting(waitsFor: readonly Condition[], policy: Partial<ServicePolicy> = {}): Play {
  const play = new Play();
  play.addService('web', { waitsFor, ...policy });
  play.happen({ type: 'boot.finished' });
  return play;
}

function missing(play: Play, conditions: readonly Condition[]): void {
  const { run } = play.unit('web');
  play.happen({ type: 'unit.missing', id: 'web', run, missing: conditions });
}

function reason(play: Play): string {
  return unitStatus(play.supervisor, play.unit('web'), play.nowMs).reason;
}

function lookouts(play: Play): (readonly Condition[])[] {
  return play.effects.flatMap((each) => (each.type === 'unit.await' ? [each.conditions] : []));
}

describe('a service that waits for the machine', () => {
  it('starts when nothing is missing any more, and says until then what is', () => {
    const play = waiting([SECRET, ETH0, CLOCK]);
    expect(lookouts(play)).toEqual([[SECRET, ETH0, CLOCK]]);
    expect(reason(play)).toBe(
      'waits for path /run/secret, an address on eth0, the clock to be synchronized',
    );
    missing(play, [ETH0]);
    expect(reason(play)).toBe('waits for an address on eth0');
    missing(play, []);
    expect(play.unit('web').state.tag).toBe('starting');
    expect(lookouts(play)).toHaveLength(1);
  });

  it('looks anew before each launch', () => {
    const play = waiting([SECRET]);
    missing(play, []);
    play.run('web', 100);
    play.end('web', DIED);
    play.fireTimer('web');
    expect(play.unit('web').state.tag).toBe('waiting');
    expect(lookouts(play)).toEqual([[SECRET], [SECRET]]);
    missing(play, []);
    expect(play.unit('web')).toMatchObject({ state: { tag: 'starting' }, run: 2 });
  });

  it('does not look before its dependencies are there', () => {
    const play = new Play();
    play.addService('db');
    play.addService('web', {
      waitsFor: [SECRET],
      dependsOn: [{ unit: 'db', condition: 'started', required: true }],
    });
    play.happen({ type: 'boot.finished' });
    expect(lookouts(play)).toEqual([]);
    play.run('db', 90);
    expect(lookouts(play)).toEqual([[SECRET]]);
  });

  it('looks no longer when a person stops it, and again when it is to start', () => {
    const play = waiting([SECRET]);
    play.happen({ type: 'unit.stop-requested', id: 'web', by: 'test' });
    expect(play.unit('web').state.tag).toBe('stopped');
    expect(lookouts(play)).toEqual([[SECRET], []]);
    missing(play, []);
    expect(play.unit('web').state.tag).toBe('stopped');
    play.happen({ type: 'unit.start-requested', id: 'web', by: 'test' });
    expect(lookouts(play)).toEqual([[SECRET], [], [SECRET]]);
  });

  it('holds up neither the summary of the boot nor the end of the machine for ever', () => {
    const play = waiting([SECRET]);
    missing(play, [SECRET]);
    expect(isSettled(play.supervisor)).toBe(false);
    expect(play.fireTimer('web', 'wait')).toBe(30_000);
    expect(isSettled(play.supervisor)).toBe(true);
    expect(isWell(play.supervisor)).toBe(false);
    expect(play.changes.at(-1)).toMatchObject({
      severity: 'warning',
      text: 'still waits for path /run/secret',
    });
    play.happen({ type: 'machine.end-requested', end: 'poweroff', by: 'test' });
    expect(play.supervisor.phase).toBe('halting');
    expect(lookouts(play).at(-1)).toEqual([]);
  });
});
