/** PID 1 dies of a real fault in its own code, and the machine goes on. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import { waitForRedis } from '../../../build/run/redis-ping.ts';
import type {
  BootReport,
  HistoryEntry,
  MachineInfo,
  UnitStatus,
} from '../../../supervisor/control/api.ts';
import { BREAK_PID_1 } from '../../support/break-pid1.ts';
import { bootMachine, type TestMachine } from '../../support/vm-machine.ts';
import { guestShell, SHELL_PORT } from '../../support/vm-shell.ts';

const REDIS = 6379;

let machine: TestMachine;

beforeAll(async () => {
  machine = await bootMachine({ folder: import.meta.dirname, ports: [SHELL_PORT, REDIS] });
  return () => machine.vm.kill();
});

async function services(): Promise<UnitStatus[]> {
  const units = await machine.get<UnitStatus[]>('/v1/services');
  return units.filter(({ kind }) => kind === 'service');
}

/** Resolves with what the machine says of itself in generation `wanted`. */
async function generation(wanted: number): Promise<MachineInfo> {
  return machine.waitFor(`generation ${wanted}`, async () => {
    const info = await machine.get<MachineInfo>('/v1/machine');
    return info.generation >= wanted ? info : undefined;
  });
}

async function breakPid1(): Promise<void> {
  const shell = await guestShell(machine);
  await shell(BREAK_PID_1);
}

/** A client of Redis that stays connected, and counts up a key. */
async function connectCounter(): Promise<{ next: () => Promise<string>; lost: () => boolean }> {
  const socket = connect(machine.hostPort(REDIS), '127.0.0.1');
  await once(socket, 'connect');
  let lost = false;
  socket.on('close', () => (lost = true));
  return {
    async next() {
      socket.write('INCR crashes\r\n');
      const [answer] = (await once(socket, 'data')) as [Buffer];
      return answer.toString();
    },
    lost: () => lost,
  };
}

describe('signals that end or stop any other process', () => {
  it('do nothing to PID 1', async () => {
    const shell = await guestShell(machine);
    await shell('for signal in HUP QUIT PIPE ALRM KILL STOP; do kill -$signal 1; done');
    // At every moment of its work: around a fork libuv has all signals blocked, where the kernel protects PID 1 less.
    const storm = shell(
      'for i in $(seq 3000); do kill -HUP 1; kill -ALRM 1; kill -VTALRM 1; done',
      60_000,
    );
    for (const _ of [1, 2]) {
      const { pid } = await machine.unit('redis');
      await machine.post('/v1/services/redis/restart');
      await machine.waitFor('another run', async () => {
        const unit = await machine.unit('redis');
        return unit.state === 'running' && unit.pid !== pid ? true : undefined;
      });
    }
    await storm;
    const { generation: number, phase } = await machine.get<MachineInfo>('/v1/machine');
    expect({ number, phase }).toEqual({ number: 0, phase: 'services' });
  });
});

describe('PID 1 after two faults', () => {
  let after: MachineInfo;
  let before: UnitStatus[];
  let counter: Awaited<ReturnType<typeof connectCounter>>;

  beforeAll(async () => {
    before = await services();
    await waitForRedis(machine.hostPort(REDIS), AbortSignal.timeout(60_000));
    counter = await connectCounter();
    expect(await counter.next()).toBe(':1\r\n');
    await breakPid1();
    await generation(1);
    // The guard must be there again in the next generation.
    await breakPid1();
    after = await generation(2);
  });

  it('is executed again in place, without a kernel panic', () => {
    expect(after.generation).toBe(2);
    // Four of Node's, and nine that read logs and files.
    expect(after.init.threads).toBeLessThanOrEqual(13);
    expect(machine.vm.console.text()).not.toMatch(/Kernel panic|Attempted to kill init/);
  });

  it('has the same containers as before, and no onboot task a second time', async () => {
    const same = ({ id, pid, state, restarts, sinceMs }: UnitStatus): unknown => {
      return { id, pid, state, restarts, sinceMs };
    };
    expect((await services()).map(same)).toEqual(before.map(same));
    const shell = await guestShell(machine);
    expect(await shell('cat /var/onboot')).toBe('once\n');
  });

  it('has cut no connection of a service', async () => {
    expect(await counter.next()).toBe(':2\r\n');
    expect(counter.lost()).toBe(false);
  });

  it('sees the exit of a container that it has only adopted', async () => {
    const shell = await guestShell(machine);
    const { restarts } = await machine.unit('redis');
    await shell('kill -KILL $(pidof redis-server)');
    const restarted = await machine.waitFor('redis again', async () => {
      const redis = await machine.unit('redis');
      return redis.restarts === restarts + 1 && redis.state === 'running' ? redis : undefined;
    });
    expect(restarted.lastExit).toMatchObject({ kind: 'signaled', signal: 'SIGKILL' });
  });

  it('goes on with the logs of what it has adopted', async () => {
    const lines = await machine.waitFor('the log', async () => {
      const texts = (await machine.logs('redis')).map(({ text }) => text);
      const starts = texts.filter((text) => text.includes('Redis is starting'));
      return starts.length > 0 ? texts : undefined;
    });
    expect(lines.length).toBeGreaterThan(0);
  });

  it('has lost no line that a service wrote meanwhile, and has none twice', async () => {
    const shell = await guestShell(machine);
    const file = await shell('cat /proc/1/root/run/log/counter/stdout.log');
    const inFile = file
      .trimEnd()
      .split('\n')
      .map((line) => Number(line.split(' ')[1]));
    expect(inFile).toEqual(inFile.map((_, index) => index + 1));
    const inRing = (await machine.logs('counter')).map(({ text }) => Number(text));
    expect(inRing).toEqual(inRing.map((_, index) => Number(inRing[0]) + index));
    expect(inRing.at(-1)).toBeGreaterThanOrEqual(inFile.length);
    expect(inFile.length).toBeGreaterThan(100);
  });

  it('goes on with its own log', async () => {
    const shell = await guestShell(machine);
    const text = await shell('cat /proc/1/root/run/log/ishmael.log');
    expect(text).toMatch(/Z info redis: [^]*executed again \(generation 1\)[^]*\(generation 2\)/);
  });

  it('still tells how the machine was booted', async () => {
    const report = await machine.get<BootReport>('/v1/boot');
    expect(report.milestones).toEqual(machine.boot.milestones);
  });

  it('tells of it, leaves one container per service and no zombie', async () => {
    expect(await machine.events()).toContainEqual(
      expect.objectContaining({
        unit: 'machine',
        severity: 'warning',
        text: 'PID 1 was executed again (generation 2): SIGILL',
      }),
    );
    const shell = await guestShell(machine);
    const processes = await shell("ps -o comm | grep -c '^redis-server'");
    expect(processes).toBe('1\n');
    const { processes: counts } = await machine.get<MachineInfo>('/v1/machine');
    expect(counts.zombies).toBe(0);
  });

  it('is executed again as well when a container with its pid namespace sends such a signal', async () => {
    const shell = await guestShell(machine);
    await shell('kill -SEGV 1');
    await generation(3);
    const last = (await machine.events()).find(({ text }) => text.includes('executed again'));
    expect(last?.text).toContain('(generation 3): SIGSEGV');
    const shellUnit = before.find(({ id }) => id === 'shell');
    expect(await machine.unit('shell')).toMatchObject({ pid: shellUnit?.pid, state: 'running' });
  });

  it('still powers the machine off', async () => {
    const told = machine.follow<HistoryEntry>('/v1/events?follow=1');
    await machine.post('/v1/poweroff');
    expect(await machine.ended()).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect(await told).toContainEqual(expect.objectContaining({ text: 'everything has stopped' }));
  });
});
