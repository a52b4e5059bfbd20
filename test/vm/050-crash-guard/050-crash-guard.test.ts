/** PID 1 dies of a real fault in its own code, and the machine goes on. */
import { beforeAll, describe, expect, it } from 'vitest';
import { waitForRedis } from '../../../build/run/redis-ping.ts';
import type { HistoryEntry, MachineInfo, UnitStatus } from '../../../supervisor/control/api.ts';
import { bootMachine, type TestMachine } from '../../support/vm-machine.ts';
import { guestShell, SHELL_PORT } from '../../support/vm-shell.ts';

const REDIS = 6379;

/**
 * Writes `ud2` where PID 1 is about to return to from its system call, through /proc/1/mem as a debugger
 * would: SIGILL, raised by the processor in the middle of its own code. /proc/PID/syscall has number,
 * six arguments, stack pointer and program counter of a process that waits, else the word `running`.
 */
const BREAK_PID_1 = `
until [ -n "$9" ]; do set -- $(cat /proc/1/syscall); done
printf '\\017\\013' | dd of=/proc/1/mem bs=1 conv=notrunc seek=$(($9)) 2>/dev/null
`;

let machine: TestMachine;

beforeAll(async () => {
  machine = await bootMachine({ folder: import.meta.dirname, ports: [SHELL_PORT, REDIS] });
  return () => machine.vm.kill();
});

/** Resolves with what the machine says of itself in generation `wanted`. */
async function generation(wanted: number): Promise<MachineInfo> {
  return machine.waitFor(`generation ${wanted}`, async () => {
    const info = await machine.get<MachineInfo>('/v1/machine');
    return info.generation >= wanted ? info : undefined;
  });
}

async function breakPid1(): Promise<void> {
  const shell = await guestShell(machine);
  await shell(BREAK_PID_1).catch(() => {
    // The new PID 1 starts the shell's container again, and the connection is lost.
  });
}

describe('signals that end or stop any other process', () => {
  it('do nothing to PID 1', async () => {
    const shell = await guestShell(machine);
    await shell('for signal in HUP QUIT PIPE ALRM KILL STOP; do kill -$signal 1; done');
    const { generation: number, phase } = await machine.get<MachineInfo>('/v1/machine');
    expect({ number, phase }).toEqual({ number: 0, phase: 'services' });
  });
});

describe('PID 1 after two faults', () => {
  let after: MachineInfo;
  beforeAll(async () => {
    await breakPid1();
    await generation(1);
    // The guard must be there again in the next generation.
    await breakPid1();
    after = await generation(2);
  });

  it('is executed again in place, without a kernel panic', () => {
    expect(after.generation).toBe(2);
    expect(after.init.threads).toBeLessThanOrEqual(4);
    expect(machine.vm.console.text()).not.toMatch(/Kernel panic|Attempted to kill init/);
  });

  it('has its services running again, and no onboot task a second time', async () => {
    const units = await machine.waitFor('the services', async () => {
      const all = await machine.get<UnitStatus[]>('/v1/services');
      const services = all.filter(({ kind }) => kind === 'service');
      return services.every(({ state }) => state === 'running') ? all : undefined;
    });
    expect(units.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['redis', 'shell', 'console-ttyS0', 'host-bridge']),
    );
    const signal = AbortSignal.timeout(30_000);
    expect(await waitForRedis(machine.hostPort(REDIS), signal)).toBe(true);
    const shell = await guestShell(machine);
    expect(await shell('cat /var/onboot')).toBe('once\n');
  });

  it('tells of it, leaves one container per service and no zombie', async () => {
    expect(await machine.events()).toContainEqual(
      expect.objectContaining({
        unit: 'machine',
        severity: 'warning',
        text: 'PID 1 was executed again (generation 2)',
      }),
    );
    const shell = await guestShell(machine);
    const processes = await shell("ps -o comm | grep -c '^redis-server'");
    expect(processes).toBe('1\n');
    const { processes: counts } = await machine.get<MachineInfo>('/v1/machine');
    expect(counts.zombies).toBe(0);
  });

  it('still powers the machine off', async () => {
    const told = machine.follow<HistoryEntry>('/v1/events?follow=1');
    await machine.post('/v1/poweroff');
    expect(await machine.ended()).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect(await told).toContainEqual(expect.objectContaining({ text: 'everything has stopped' }));
  });
});
