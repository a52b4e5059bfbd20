/** The example of the README and the announcement, as it stands: what a person would look at, asked by program. */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { CHECKOUT } from '../../../build/cli/checkout.ts';
import { waitForRedis } from '../../../build/run/redis-ping.ts';
import type {
  LogLine,
  MachineInfo,
  MountInfo,
  ProcessInfo,
  UnitStatus,
} from '../../../supervisor/control/api.ts';
import type { NetworkInterface } from '../../../supervisor/control/api-network.ts';
import { bootMachine, type TestMachine } from '../../support/vm-machine.ts';
import { talk } from '../../support/vm-talk.ts';

const REDIS = 6379;
const DECLARED = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_NET_BIND_SERVICE',
];

let machine: TestMachine;

beforeAll(async () => {
  machine = await bootMachine({
    folder: import.meta.dirname,
    yaml: join(CHECKOUT, 'examples/redis.yml'),
    ports: [REDIS],
    cpus: 2,
  });
  return () => machine.vm.kill();
});

describe('the boot', () => {
  it('has no failed step', () => {
    const steps = machine.boot.phases.flatMap((phase) => phase.steps);
    expect(steps.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
    expect(steps.length).toBeGreaterThan(20);
  });

  it('reports its milestones in their order', () => {
    const names = ['exec', 'script', 'mounts', 'services', 'settled'];
    const times = names.map((name) => machine.boot.milestones[name] ?? Number.NaN);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times[0]).toBeGreaterThan(0);
  });

  it('tells of no error', async () => {
    const events = await machine.events();
    expect(events.filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  it('leaves both services and our own processes running, none of them restarted', async () => {
    const units = await machine.get<UnitStatus[]>('/v1/services');
    const seen = units.map(({ id, kind, state, restarts }) => [id, kind, state, restarts]);
    expect(seen).toContainEqual(['dhcpcd', 'service', 'running', 0]);
    expect(seen).toContainEqual(['redis', 'service', 'running', 0]);
    expect(seen).toContainEqual(['console-ttyS0', 'system', 'running', 0]);
    expect(seen).toContainEqual(['host-bridge', 'system', 'running', 0]);
  });
});

describe('PID 1', () => {
  it('is of the first generation and has at most 4 threads', async () => {
    const { generation, init, processes } = await machine.get<MachineInfo>('/v1/machine');
    expect(generation).toBe(0);
    expect(init.threads).toBeLessThanOrEqual(4);
    expect(processes.zombies).toBe(0);
  });
});

describe('redis', () => {
  it('answers PING from the host', async () => {
    expect(await waitForRedis(machine.hostPort(REDIS), AbortSignal.timeout(30_000))).toBe(true);
  });

  it('has exactly the declared capabilities', async () => {
    const [redis] = await machine.get<ProcessInfo[]>('/v1/services/redis/processes');
    expect(redis?.command).toMatch(/^redis-server/);
    expect(redis?.capabilities).toMatchObject({
      effective: DECLARED,
      permitted: DECLARED,
      bounding: DECLARED,
      ambient: [],
    });
  });

  it('shares the network namespace of PID 1, and no pid or mount namespace', async () => {
    const [redis] = await machine.get<ProcessInfo[]>('/v1/services/redis/processes');
    const [dhcpcd] = await machine.get<ProcessInfo[]>('/v1/services/dhcpcd/processes');
    const { init } = await machine.get<MachineInfo>('/v1/machine');
    expect(redis?.namespaces['net']).toBe(init.netNamespace);
    expect(redis?.namespaces['pid']).not.toBe(dhcpcd?.namespaces['pid']);
    expect(redis?.namespaces['mnt']).not.toBe(dhcpcd?.namespaces['mnt']);
  });
});

describe('dhcpcd', () => {
  it('has got an address for eth0', async () => {
    const addresses = await machine.waitFor('an address', async () => {
      const network = await machine.get<NetworkInterface[]>('/v1/network');
      const found = network.find(({ name }) => name === 'eth0')?.addresses.filter(isIpv4);
      return found?.length === 0 ? undefined : found;
    });
    // What QEMU's user network hands out to the first client.
    expect(addresses).toEqual(['10.0.2.15/24']);
  });

  it('sees the binds of the example', async () => {
    const mounts = await machine.get<MountInfo[]>('/v1/services/dhcpcd/mounts');
    const at = (target: string): MountInfo | undefined =>
      mounts.findLast((mount) => mount.target === target);
    expect(at('/var')).toMatchObject({ fstype: 'tmpfs', root: '/', source: 'tmpfs' });
    // /tmp/etc is where the name servers go: one directory under two names.
    expect(at('/etc')).toMatchObject({ fstype: 'tmpfs', root: '/resolvconf' });
  });
});

describe('the serial console', () => {
  it('answers help, status, logs and what it does not know', async () => {
    const { vm } = machine;
    vm.sendConsole('\r');
    await vm.console.waitFor(/redis> /, 20_000);
    vm.sendConsole('help\r');
    await vm.console.waitFor(/help +these lines[^]*poweroff +stop[^]*redis> /, 20_000);
    vm.sendConsole('status\r');
    await vm.console.waitFor(/NAME +KIND +STATE[^]*redis +service +running[^]*redis> /, 20_000);
    vm.sendConsole('logs redis\r');
    await vm.console.waitFor(/Ready to accept connections[^]*redis> /, 20_000);
    vm.sendConsole('sail away\r');
    await vm.console.waitFor(/Unknown command "sail"/, 20_000);
  });
});

describe('poweroff', () => {
  it('stops redis, which saves, and ends QEMU by itself with 0', async () => {
    const answer = await talk(machine.hostPort(REDIS), 'SET whale white\r\nQUIT\r\n');
    expect(answer).toBe('+OK\r\n+OK\r\n');
    const log = machine.follow<LogLine>('/v1/services/redis/logs?follow=1');
    await machine.post('/v1/poweroff');
    expect(await machine.ended()).toMatchObject({ code: 0, signal: null, stderr: '' });
    const lines = (await log).map(({ text }) => text);
    expect(lines).toContainEqual(expect.stringContaining('DB saved on disk'));
    expect(lines).toContainEqual(expect.stringContaining('bye bye'));
  });

  it('is shown on the console with each service that stopped', () => {
    const text = machine.vm.console.text();
    expect(text).toMatch(/machine: poweroff requested by the control API/);
    expect(text).toMatch(/redis: exit code 0/);
    expect(text).toMatch(/machine: everything has stopped/);
    expect(text).toMatch(/reboot: Power down/);
  });
});

function isIpv4(address: string): boolean {
  return !address.includes(':');
}
