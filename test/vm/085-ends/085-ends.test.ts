/** How services and the machine end: what their policies say, and what no policy can change. */
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { HistoryEntry, UnitStatus } from '../../../supervisor/control/api.ts';
import {
  bootMachine,
  type BootRequest,
  bootUntilEnd,
  type TestMachine,
} from '../../support/vm-machine.ts';

let machine: TestMachine | undefined;

afterEach(async () => {
  await machine?.vm.kill();
  machine = undefined;
});

function image(name: string): BootRequest {
  return { folder: import.meta.dirname, yaml: join(import.meta.dirname, `${name}.yml`) };
}

/** All that is told from now on, until the machine is gone: `machine: reboot requested by …`. */
async function toldUntilEnd(booted: TestMachine, timeoutMs?: number): Promise<string[]> {
  const events = booted.follow<HistoryEntry>('/v1/events?follow=1');
  expect(await booted.ended(timeoutMs)).toMatchObject({ code: 0, signal: null });
  return (await events).map(({ unit, text }) => `${unit}: ${text}`);
}

describe('the end of a service', () => {
  it('is told with its reason, and that of an essential one is the end of the machine', async () => {
    machine = await bootMachine(image('essential'));
    const booted = machine;
    const reaches = (id: string, state: UnitStatus['state']): Promise<UnitStatus> =>
      booted.waitFor(`${id} to be ${state}`, async () => {
        const unit = await booted.unit(id);
        return unit.state === state ? unit : undefined;
      });

    expect(await reaches('dumps', 'failed')).toMatchObject({
      restarts: 0,
      reason: 'killed by SIGSEGV (core dumped)',
    });
    expect(await reaches('trigger', 'failed')).toMatchObject({ reason: 'exit code 1' });
    await booted.waitFor('a second restart of what has ended well', async () =>
      (await booted.unit('always')).restarts > 1 ? true : undefined,
    );

    expect(await reaches('core', 'running')).toMatchObject({ restarts: 0 });
    const told = toldUntilEnd(booted);
    await booted.post('/v1/services/trigger/start');
    expect(await told).toContain(
      'machine: poweroff requested by core, which is essential and has finished',
    );
  });

  it('over and over is the end of the machine where its start limit says so', async () => {
    machine = await bootMachine(image('start-limit'));
    const told = await toldUntilEnd(machine);
    expect(told).toContain('crashes: failed: started 3 times within 5 min');
    expect(told).toContain('machine: poweroff requested by the start limit of crashes');
  });
});

describe('an onboot task that fails', () => {
  it('is the end of the machine where onFailure says so, and no service begins', async () => {
    const { vm, exit } = await bootUntilEnd(image('on-failure'));
    expect(exit).toMatchObject({ code: 0, signal: null });
    const text = vm.console.text();
    expect(text).toContain('ishmael: 000-check: exit code 9');
    expect(text).toContain('reboot requested by onboot task 000-check, which has failed');
    expect(text).not.toContain('never: running');
  });
});

const listens = (id: string) => async (): Promise<true | undefined> =>
  (await machine?.logs(id))?.some(({ text }) => text === 'listens') === true ? true : undefined;

describe('ctrl-alt-del', () => {
  it('is a reboot in order, of 90 s at most whatever a service has been given', async () => {
    machine = await bootMachine(image('stubborn'));
    // As the first of its pid namespace a shell does not get a signal that it has no trap for.
    for (const id of ['polite', 'stubborn']) await machine.waitFor(`${id} to listen`, listens(id));
    const told = toldUntilEnd(machine, 150_000);
    const fromMs = performance.now();
    await machine.vm.pressCtrlAltDel();
    const events = await told;
    const tookMs = performance.now() - fromMs;
    expect(events.join('\n')).toContain('machine: reboot requested by');
    expect(events).toContain('polite: exit code 0');
    expect(events).toContain('machine: not everything stopped within 90 s');
    expect(tookMs).toBeGreaterThan(85_000);
    expect(tookMs).toBeLessThan(140_000);
  });
});
