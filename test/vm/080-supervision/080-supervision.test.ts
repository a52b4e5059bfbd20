/** Policies, dependencies and a person's requests, with real processes. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { HistoryEntry, UnitStatus } from '../../../supervisor/control/api.ts';
import { bootMachine, type TestMachine } from '../../support/vm-machine.ts';

let machine: TestMachine;

beforeAll(async () => {
  machine = await bootMachine({ folder: import.meta.dirname });
  return () => machine.vm.kill();
});

function reaches(id: string, state: UnitStatus['state']): Promise<UnitStatus> {
  return machine.waitFor(`${id} to be ${state}`, async () => {
    const unit = await machine.unit(id);
    return unit.state === state ? unit : undefined;
  });
}

describe('an onboot task whose time is over', () => {
  it('is stopped, has failed, and does not hold up the boot', async () => {
    const task = await machine.unit('000-endless');
    expect(task).toMatchObject({ state: 'failed', lastExit: { kind: 'timed-out' } });
    expect(task.reason).toMatch(/^timed out after 2\.0 s \(killed by SIG/);
  });
});

describe('restart', () => {
  it('on-failure lets a service finish with an exit code that means success', async () => {
    expect(await reaches('once', 'finished')).toMatchObject({ restarts: 0 });
  });

  it('on-failure:N gives up after N restarts', async () => {
    const crash = await reaches('crash', 'failed');
    expect(crash).toMatchObject({ restarts: 2, reason: 'exit code 7; started again 2 times' });
  });

  it('never follows exit code 125', async () => {
    expect(await reaches('not-again', 'failed')).toMatchObject({ restarts: 0 });
  });

  it('ends at the start limit', async () => {
    const limited = await reaches('limited', 'failed');
    expect(limited).toMatchObject({ restarts: 1 });
    expect(limited.reason).toBe('exit code 1; started 2 times within 60 s');
  });
});

describe('dependsOn', () => {
  it('completed waits for the end', async () => {
    const [after, once] = [await reaches('after-once', 'running'), await machine.unit('once')];
    expect(after.sinceMs).toBeGreaterThan(once.lastExit?.atMs ?? Number.POSITIVE_INFINITY);
  });

  it('started waits for the other to run', async () => {
    const [web, db] = [await reaches('web', 'running'), await reaches('db', 'running')];
    expect(web.sinceMs).toBeGreaterThan(db.sinceMs);
  });

  it('passes a failure on to who needs it, by name, and to nobody else', async () => {
    expect(await reaches('needs-crash', 'failed')).toMatchObject({
      reason: 'dependency crash has failed',
    });
    await reaches('can-do-without', 'running');
  });
});

describe('a person', () => {
  it('stops a service by its own signal, and it stays stopped', async () => {
    const before = await reaches('db', 'running');
    await machine.post('/v1/services/db/stop');
    expect(await reaches('db', 'stopped')).toMatchObject({ lastExit: { kind: 'exited', code: 0 } });
    expect((await machine.logs('db')).map(({ text }) => text)).toContain('db stops');
    await machine.post('/v1/services/db/start');
    const after = await reaches('db', 'running');
    expect(after.pid).not.toBe(before.pid);
  });

  it('restarts a service that ignores its signal, by force after its grace time', async () => {
    const before = await reaches('stubborn', 'running');
    await machine.post('/v1/services/stubborn/restart');
    const after = await machine.waitFor('the restart', async () => {
      const unit = await machine.unit('stubborn');
      return unit.state === 'running' && unit.pid !== before.pid ? unit : undefined;
    });
    expect(after.lastExit).toMatchObject({ kind: 'signaled', signal: 'SIGKILL' });
    const told = (await machine.events()).filter(({ unit }) => unit === 'stubborn');
    expect(told.map(({ text }) => text)).toContain('did not stop within 1.0 s, killed');
  });

  it('is told when there is no such service', async () => {
    await expect(machine.post('/v1/services/nobody/stop')).rejects.toMatchObject({
      code: 'not-found',
    });
  });
});

describe('the end of the machine', () => {
  it('stops who depends before what it depends on', async () => {
    const told = machine.follow<HistoryEntry>('/v1/events?follow=1');
    await machine.post('/v1/poweroff');
    expect(await machine.ended()).toMatchObject({ code: 0, signal: null });
    const events = await told;
    const at = (id: string, text: string): number =>
      events.findLast(({ unit, text: what }) => unit === id && what === text)?.seq ?? 0;
    expect(at('web', 'exit code 0')).toBeGreaterThan(0);
    expect(at('db', 'stopping')).toBeGreaterThan(at('web', 'exit code 0'));
  });
});
