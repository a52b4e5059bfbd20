/** Health, readiness, what comes before a program, and what is waited for, with real processes. */
import { beforeAll, describe, expect, it } from 'vitest';
import type {
  HealthReport,
  HistoryEntry,
  MachineInfo,
  UnitStatus,
} from '../../../supervisor/control/api.ts';
import { bootMachine, type TestMachine } from '../../support/vm-machine.ts';
import { type GuestShell, guestShell, SHELL_PORT } from '../../support/vm-shell.ts';

let machine: TestMachine;
let shell: GuestShell;

beforeAll(async () => {
  machine = await bootMachine({ folder: import.meta.dirname, ports: [SHELL_PORT] });
  shell = await guestShell(machine);
  return () => machine.vm.kill();
});

function until(id: string, wanted: Partial<UnitStatus>): Promise<UnitStatus> {
  return machine.waitFor(`${id} to be ${JSON.stringify(wanted)}`, async () => {
    const unit = await machine.unit(id);
    return Object.entries(wanted).every(([key, value]) => unit[key as keyof UnitStatus] === value)
      ? unit
      : undefined;
  });
}

const health = (id: string): Promise<HealthReport> => machine.get(`/v1/services/${id}/health`);

const outputOf = async (id: string): Promise<string | undefined> =>
  (await health(id)).results.at(-1)?.output;

describe('a health check', () => {
  it.each([
    ['web', '200 OK'],
    ['open', 'connected'],
    ['beat', expect.stringMatching(/^changed \d/) as string],
  ])('of %s passes', async (id, output) => {
    expect(await until(id, { health: 'healthy' })).toMatchObject({ state: 'running', restarts: 0 });
    expect(await outputOf(id)).toEqual(output);
  });

  it.each([
    ['broken-web', /^404 Not Found/],
    ['closed', /^ECONNREFUSED$/],
  ])('of %s fails, and it runs on', async (id, output) => {
    const unit = await until(id, { health: 'unhealthy' });
    expect(unit).toMatchObject({ state: 'running', restarts: 0 });
    expect(unit.reason).toMatch(/unhealthy: its last \d+ checks failed/);
    expect(await outputOf(id)).toMatch(output);
    expect((await health(id)).results.length).toBeLessThanOrEqual(5);
  });

  it('that nobody has asked for makes nothing unhealthy', async () => {
    expect(await until('unchecked', { state: 'running' })).toMatchObject({ health: 'none' });
    await expect(health('unchecked')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('restarts what has become unhealthy, when it is to', async () => {
    const sick = await machine.waitFor('the restart', async () => {
      const unit = await machine.unit('sick');
      return unit.restarts > 0 && unit.health === 'healthy' ? unit : undefined;
    });
    expect(sick.lastExit).toMatchObject({ kind: 'unhealthy' });
    const told = (await machine.events()).filter(({ unit }) => unit === 'sick');
    expect(told.map(({ text }) => text)).toContain('healthy');
    await machine.post('/v1/services/sick/stop');
  });
});

describe('a service is up', () => {
  it('when its health check has passed, and not before for others', async () => {
    const [web, after] = [
      await until('web', { state: 'running' }),
      await until('needs-web', { state: 'running' }),
    ];
    expect(after.sinceMs).toBeGreaterThan(web.sinceMs + 1_000);
  });

  it('when it says so to its socket', async () => {
    const [notify, after] = [
      await until('notify', { state: 'running' }),
      await until('needs-notify', { state: 'running' }),
    ];
    expect(after.sinceMs).toBeGreaterThan(notify.sinceMs + 2_000);
  });

  it('when it writes a line to its descriptor', async () => {
    await until('fd', { state: 'running' });
    const told = (await machine.events()).filter(({ unit }) => unit === 'fd');
    expect(told.map(({ text }) => text)).toContain('ready');
  });

  it('or has failed when its time is over', async () => {
    await shell('touch /go/never');
    const never = await until('never', { state: 'failed' });
    expect(never.lastExit).toMatchObject({ kind: 'timed-out' });
  });
});

describe('preStart', () => {
  it('has run before the program, on the same files', async () => {
    await until('prepared', { state: 'running' });
    expect((await machine.logs('prepared')).map(({ text }) => text)).toEqual(['made before']);
  });

  it('fails the start with the exit code of a command', async () => {
    const unit = await until('unprepared', { state: 'failed' });
    expect(unit.reason).toContain('preStart 1 of 2 (false): exit code 1');
  });

  it('can be stopped: the command is asked to end, and nothing comes after it', async () => {
    await shell('touch /go/slow');
    // Not before it has its trap: the first process of a pid namespace ignores what it does not catch.
    await machine.waitFor('the command', async () =>
      (await machine.logs('slow')).length > 0 ? true : undefined,
    );
    expect(await machine.unit('slow')).toMatchObject({
      state: 'starting',
      reason: expect.stringContaining('preStart 1 of 1') as string,
    });
    await machine.post('/v1/services/slow/stop');
    await until('slow', { state: 'stopped' });
    expect((await machine.logs('slow')).map(({ text }) => text)).toEqual(['begun', 'cut short']);
    expect(await shell('ls /sys/fs/cgroup/services | grep -c ^slow')).toBe('0\n');
  });
});

describe('what a service waits for', () => {
  it('is said', async () => {
    expect(await machine.unit('synchronized')).toMatchObject({
      state: 'waiting',
      reason: expect.stringMatching(
        /^waits for the clock to be synchronized, an address on wlan0/,
      ) as string,
    });
    expect((await machine.unit('late-fd')).reason).toContain('waits for path /run/go/late');
  });

  it('lets it begin when it is there', async () => {
    await until('set', { state: 'running' });
    await shell('touch /go/late');
    // Both run, and have not said yet that they are ready.
    for (const [id, reason] of Object.entries({
      'late-fd': 'descriptor 3',
      'late-notify': 'READY=1',
    })) {
      await machine.waitFor(`${id} to run`, async () =>
        (await machine.unit(id)).reason.includes(reason) ? true : undefined,
      );
    }
  });
});

describe('PID 1 that is executed again', () => {
  it('has missed no word of a service, and asks on', async () => {
    const before = await machine.unit('web');
    await shell('kill -SEGV 1; touch /go/say');
    await machine.waitFor('generation 1', async () => {
      const info = await machine.get<MachineInfo>('/v1/machine');
      return info.generation === 1 ? info : undefined;
    });
    for (const id of ['late-notify', 'late-fd']) {
      expect(await until(id, { state: 'running' })).toMatchObject({ restarts: 0 });
    }
    expect(await machine.unit('web')).toMatchObject({ pid: before.pid, health: 'healthy' });
    const { results } = await health('web');
    await machine.waitFor('another answer', async () => {
      const newest = (await health('web')).results.at(-1);
      return (newest?.atMs ?? 0) > (results.at(-1)?.atMs ?? 0) && newest?.passed
        ? newest
        : undefined;
    });
    expect(await machine.unit('closed')).toMatchObject({ health: 'unhealthy' });
  });
});

describe('the end of the machine', () => {
  it('comes after the onshutdown tasks, while services still run', async () => {
    const told = machine.follow<HistoryEntry>('/v1/events?follow=1');
    expect(await machine.unit('onshutdown-000-save')).toMatchObject({
      state: 'waiting',
      reason: 'runs when the machine ends',
    });
    await machine.post('/v1/poweroff');
    expect(await machine.ended()).toMatchObject({ code: 0, signal: null });
    const events = await told;
    const at = (id: string, text: string): number =>
      events.findLast(({ unit, text: what }) => unit === id && what === text)?.seq ?? 0;
    expect(at('onshutdown-000-save', 'exit code 0')).toBeGreaterThan(0);
    expect(at('web', 'stopping')).toBeGreaterThan(at('onshutdown-000-save', 'exit code 0'));
  });
});
