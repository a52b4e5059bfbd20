/** The machine itself: its power button, and the watchdog that resets it when PID 1 is no use. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { HistoryEntry, LogLine, MachineInfo } from '../../../supervisor/control/api.ts';
import { bootMachine, type TestMachine } from '../../support/vm-machine.ts';
import { type GuestShell, guestShell, SHELL_PORT } from '../../support/vm-shell.ts';
import { talk } from '../../support/vm-talk.ts';

const REDIS = 6379;

let machine: TestMachine;
let shell: GuestShell;

async function boot(): Promise<() => Promise<unknown>> {
  machine = await bootMachine({
    folder: import.meta.dirname,
    ports: [SHELL_PORT, REDIS],
    devices: ['i6300esb'],
  });
  shell = await guestShell(machine);
  return () => machine.vm.kill();
}

describe('a machine with a watchdog and a power button', () => {
  beforeAll(boot);

  it('has the watchdog armed with 60 s', async () => {
    const about = await shell('cd /sys/class/watchdog/watchdog0 && cat identity state timeout');
    expect(about).toBe('i6300ESB timer\nactive\n60\n');
    expect(await machine.events()).toContainEqual(
      expect.objectContaining({ unit: 'machine', text: 'hardware watchdog armed: 60 s' }),
    );
  });

  it('spends no thread of PID 1 on them', async () => {
    const { init } = await machine.get<MachineInfo>('/v1/machine');
    // Four of Node's, and nine that read logs and files.
    expect(init.threads).toBeLessThanOrEqual(13);
  });

  it('waits for the device of a console that is not there, and opens it when it appears', async () => {
    expect(await machine.unit('console-ttyUSB0')).toMatchObject({
      state: 'waiting',
      reason: 'waits for /dev/ttyUSB0 to appear',
    });
    // The first serial port under the name: it answers twice from now on.
    await shell('mknod /proc/1/root/dev/ttyUSB0 c 4 64');
    await machine.waitFor('the late console', async () => {
      const { state } = await machine.unit('console-ttyUSB0');
      return state === 'running' ? state : undefined;
    });
  });

  describe('whose power button is pressed', () => {
    let events: string[];
    let log: string[];
    beforeAll(async () => {
      const answer = await talk(machine.hostPort(REDIS), 'SET whale white\r\nQUIT\r\n');
      expect(answer).toBe('+OK\r\n+OK\r\n');
      const told = machine.follow<HistoryEntry>('/v1/events?follow=1');
      const lines = machine.follow<LogLine>('/v1/services/redis/logs?follow=1');
      await machine.vm.pressPowerButton();
      expect(await machine.ended()).toMatchObject({ code: 0, signal: null, stderr: '' });
      events = (await told).map(({ unit, text }) => `${unit}: ${text}`);
      log = (await lines).map(({ text }) => text);
    });

    it('stops its services, which save, and then powers off', () => {
      const steps = [
        'machine: poweroff requested by the power button',
        'redis: stopping',
        'redis: exit code 0',
        'machine: everything has stopped',
        'machine: power off',
      ];
      expect(events.filter((event) => steps.includes(event))).toEqual(steps);
      expect(log).toContainEqual(expect.stringContaining('DB saved on disk'));
      expect(machine.vm.console.text()).toMatch(/reboot: Power down/);
    });

    it('leaves no watchdog behind that would start it again', () => {
      // The kernel's complaint about a device that was closed while armed.
      expect(machine.vm.console.text()).not.toMatch(/watchdog did not stop/);
    });
  });
});

describe('a machine whose PID 1 is frozen', () => {
  beforeAll(boot);

  it('is reset by the watchdog', async () => {
    await shell('echo 1 > /machine/cgroup/init/cgroup.freeze');
    // QEMU ends at a reset; at most 60 s after the last feeding, which was at most 10 s ago.
    expect(await machine.ended(80_000)).toMatchObject({ code: 0, signal: null });
    expect(machine.vm.console.text()).not.toMatch(/requested by|reboot: /);
  });
});
