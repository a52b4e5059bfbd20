/**
 * Services under containerd: what is promised of any service, and that neither the end of containerd nor that of
 * PID 1 is theirs. The tests go on where the one before has stopped.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import { waitForRedis } from '../../../build/run/redis-ping.ts';
import type { MachineInfo, UnitStatus } from '../../../supervisor/control/api.ts';
import { BREAK_PID_1 } from '../../support/break-pid1.ts';
import { bootMachine, type TestMachine } from '../../support/vm-machine.ts';
import { type GuestShell, guestShell, SHELL_PORT } from '../../support/vm-shell.ts';

const REDIS = 6379;

/** The machine's root, as a container with its pid namespace has it. */
const MACHINE = 'chroot /proc/1/root';

let machine: TestMachine;
let shell: GuestShell;

beforeAll(async () => {
  machine = await bootMachine({
    folder: import.meta.dirname,
    ports: [SHELL_PORT, REDIS],
    memoryMiB: 1024,
  });
  shell = await guestShell(machine);
  return () => machine.vm.kill();
});

/** A client of Redis that stays connected, and counts up a key. */
async function connectCounter(): Promise<{ next: () => Promise<string>; lost: () => boolean }> {
  await waitForRedis(machine.hostPort(REDIS), AbortSignal.timeout(60_000));
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

/** Resolves once the unit is as wanted. */
function until(
  id: string,
  what: string,
  wanted: (unit: UnitStatus) => boolean,
): Promise<UnitStatus> {
  return machine.waitFor(
    `${id}: ${what}`,
    async () => {
      const unit = await machine.unit(id);
      return wanted(unit) ? unit : undefined;
    },
    120_000,
  );
}

const runs = ({ state }: UnitStatus): boolean => state === 'running';

function same({ id, pid, state, restarts, sinceMs }: UnitStatus): unknown {
  return { id, pid, state, restarts, sinceMs };
}

/** What must go on whatever ends around it. */
async function kept(): Promise<UnitStatus[]> {
  return Promise.all(['redis', 'counter', 'elsewhere'].map((id) => machine.unit(id)));
}

/** What it has counted since it was started last. */
async function count(): Promise<number[]> {
  const numbers = (await machine.logs('counter')).map(({ text }) => Number(text));
  return numbers.slice(numbers.lastIndexOf(1));
}

describe('a machine with engine: containerd', () => {
  it('has containerd as a unit, which loads nothing of Kubernetes', async () => {
    expect(await machine.unit('containerd')).toMatchObject({ state: 'running', kind: 'system' });
    const plugins = await shell(`${MACHINE} ctr plugins ls`);
    expect(plugins).toMatch(/tasks\s.*ok/);
    expect(plugins).not.toMatch(/\b(cri|nri|btrfs|zfs|aufs|devmapper)\b.*ok/);
    const log = (await machine.logs('containerd')).map(({ text }) => text);
    expect(log.some((text) => text.includes('containerd successfully booted'))).toBe(true);
  });

  it("starts it as LinuxKit's runtime-config.toml says, and tells what is not understood", async () => {
    const { pid } = await machine.unit('containerd');
    const line = await shell(`tr '\\0' ' ' < /proc/${pid}/cmdline`);
    expect(line).toContain('--log-level debug');
    expect(await shell(`readlink /proc/${pid}/fd/1`)).toContain('containerd.out.log');
    const texts = (await machine.events()).map(({ unit, text }) => `${unit}: ${text}`);
    expect(texts).toContainEqual(expect.stringMatching(/^containerd: .*not understood: colour/));
  });

  it('runs services that ctr sees in their namespaces, and others beside it', async () => {
    await until('redis', 'healthy', ({ health }) => health === 'healthy');
    await until('counter', 'runs', runs);
    const [redis, elsewhere] = [
      await machine.unit('redis'),
      await until('elsewhere', 'runs', runs),
    ];
    const tasks = await shell(`${MACHINE} ctr -n services.linuxkit task ls`);
    expect(tasks).toMatch(new RegExp(`^redis\\s+${redis.pid}\\s+RUNNING`, 'm'));
    expect(tasks).toMatch(/^counter\s+\d+\s+RUNNING/m);
    expect(tasks).not.toMatch(/^shell/m);
    const others = await shell(`${MACHINE} ctr -n mine task ls`);
    expect(others).toMatch(new RegExp(`^elsewhere\\s+${elsewhere.pid}\\s+RUNNING`, 'm'));
    expect(await machine.unit('shell')).toMatchObject({ state: 'running' });
  });

  it('has them in the cgroups and with the limits that any service has', async () => {
    const { pid } = await machine.unit('redis');
    const cgroup = '/proc/1/root/sys/fs/cgroup/services/redis';
    expect(await shell(`cat /proc/${pid}/cgroup`)).toBe('0::/services/redis\n');
    expect(await shell(`cat ${cgroup}/memory.max`)).toBe('67108864\n');
    // Its health check is there as well, while it asks.
    await machine.waitFor('redis alone', async () =>
      (await shell(`cat ${cgroup}/cgroup.procs`)) === `${pid}\n` ? true : undefined,
    );
    // Neither the shim nor the daemon counts as the service's, and what they start is no harder to kill.
    expect(await shell('cat /proc/1/root/sys/fs/cgroup/shims/cgroup.procs')).not.toBe('');
    expect(Number(await shell(`cat /proc/${pid}/oom_score_adj`))).toBeGreaterThanOrEqual(0);
    // As PID 1 had it when it started the daemon, from which the shim and the container have it.
    const limits = await shell(`cat /proc/${pid}/limits`);
    expect(limits).toMatch(/^Max core file size +0 +0 +bytes/m);
    expect(limits).toMatch(/^Max open files +65536 +1048576 /m);
    expect(await shell('cat /proc/sys/kernel/kptr_restrict')).toBe('2\n');
  });

  it('keeps what they write, and why they ended', async () => {
    const numbers = await count();
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    expect(numbers.length).toBeGreaterThan(50);
    const failed = await until('once', 'has failed', ({ state }) => state === 'failed');
    expect(failed).toMatchObject({ restarts: 2, lastExit: { kind: 'exited', code: 3 } });
    expect((await machine.logs('once')).map(({ stream, text }) => [stream, text])).toContainEqual([
      'stderr',
      'to stderr',
    ]);
    const hungry = await until('hungry', 'has failed', ({ state }) => state === 'failed');
    expect(hungry.lastExit?.kind).toBe('oom-killed');
  });

  it('starts one again that was killed, and stops one that a person stops', async () => {
    await shell('kill -KILL $(pidof redis-server)');
    const redis = await until('redis', 'again', (unit) => runs(unit) && unit.restarts === 1);
    expect(redis.lastExit).toMatchObject({ kind: 'signaled', signal: 'SIGKILL' });
    await machine.post('/v1/services/counter/stop');
    const stopped = await until('counter', 'stopped', ({ state }) => state === 'stopped');
    expect(stopped.lastExit).toMatchObject({ kind: 'exited', code: 0 });
    const tasks = await shell(`${MACHINE} ctr -n services.linuxkit task ls`);
    expect(tasks).not.toMatch(/^counter/m);
    await machine.post('/v1/services/counter/start');
    await until('counter', 'runs', runs);
  });
});

describe('containerd that is killed', () => {
  it('comes back, and its containers never knew', async () => {
    await until('redis', 'healthy', ({ health }) => health === 'healthy');
    const counter = await connectCounter();
    expect(await counter.next()).toBe(':1\r\n');
    const before = await kept();
    const daemon = await machine.unit('containerd');
    await shell(`kill -KILL ${daemon.pid}`);
    const after = await until('containerd', 'again', (unit) => runs(unit) && unit.restarts === 1);
    expect(after.pid).not.toBe(daemon.pid);
    const units = await kept();
    expect(units.map(same)).toEqual(before.map(same));
    expect(await counter.next()).toBe(':2\r\n');
    expect(counter.lost()).toBe(false);
    const tasks = await shell(`${MACHINE} ctr -n services.linuxkit task ls`);
    expect(tasks).toMatch(new RegExp(`^redis\\s+${before[0]?.pid}\\s+RUNNING`, 'm'));
  });

  it('explains what has ended meanwhile', async () => {
    const daemon = await machine.unit('containerd');
    const { pid, restarts } = await machine.unit('elsewhere');
    await shell(`kill -KILL ${daemon.pid}; kill -TERM ${pid}; kill -KILL ${pid}`);
    const again = await until('elsewhere', 'again', (unit) => unit.restarts > restarts);
    expect(again.lastExit).toMatchObject({ kind: 'signaled', signal: 'SIGKILL' });
    await until('elsewhere', 'runs', runs);
  });
});

describe('PID 1 that is executed again', () => {
  it('goes on with the same containers, and sees how they end', async () => {
    const counter = await connectCounter();
    const first = await counter.next();
    const before = await kept();
    await shell(BREAK_PID_1);
    await machine.waitFor('generation 1', async () => {
      const { generation } = await machine.get<MachineInfo>('/v1/machine');
      return generation >= 1 ? generation : undefined;
    });
    const units = await kept();
    expect(units.map(same)).toEqual(before.map(same));
    expect(Number((await counter.next()).slice(1))).toBe(Number(first.slice(1)) + 1);
    await until('containerd', 'runs', runs);
    const { restarts } = await machine.unit('redis');
    await shell('kill -KILL $(pidof redis-server)');
    const redis = await until('redis', 'again', (unit) => runs(unit) && unit.restarts > restarts);
    expect(redis.lastExit).toMatchObject({ kind: 'signaled', signal: 'SIGKILL' });
    const numbers = await count();
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    expect(numbers.length).toBeGreaterThan(50);
  });

  it('powers the machine off with all of them stopped', async () => {
    const told = machine.follow<{ text: string }>('/v1/events?follow=1');
    await machine.post('/v1/poweroff');
    expect(await machine.ended()).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect(await told).toContainEqual(expect.objectContaining({ text: 'everything has stopped' }));
  });
});
