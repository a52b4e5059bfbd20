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
import type {
  CpuInfo,
  ImageInfo,
  MachineMount,
  MemoryInfo,
} from '../../../supervisor/control/api-machine.ts';
import type { UnitUsage, UsageSummary } from '../../../supervisor/control/api-usage.ts';
import type {
  ListeningSocket,
  NetworkInterface,
  NetworkRoute,
} from '../../../supervisor/control/api-network.ts';
import { ROUTES } from '../../../supervisor/control/route.ts';
import { wrongIn } from '../../support/openapi.ts';
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
  it('is of the first generation and has no thread that it does not need', async () => {
    const { generation, init, processes } = await machine.get<MachineInfo>('/v1/machine');
    expect(generation).toBe(0);
    // Four of Node's, and nine that read logs and files (supervisor/log/stream-reader.ts).
    expect(init.threads).toBeLessThanOrEqual(13);
    expect(processes.zombies).toBe(0);
  });
});

describe('redis', () => {
  it('answers PING from the host', async () => {
    expect(await waitForRedis(machine.hostPort(REDIS), AbortSignal.timeout(60_000))).toBe(true);
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

describe('the machine tells', () => {
  it('the default route that DHCP has brought', async () => {
    const routes = await machine.get<NetworkRoute[]>('/v1/routes');
    expect(routes.find(({ destination }) => destination === 'default')).toMatchObject({
      family: 'ipv4',
      gateway: '10.0.2.2',
      interface: 'eth0',
      source: '10.0.2.15',
    });
  });

  it('what eth0 has sent, and that its cable is in', async () => {
    const network = await machine.get<NetworkInterface[]>('/v1/network');
    const eth0 = network.find(({ name }) => name === 'eth0');
    expect(eth0).toMatchObject({ enabled: true, carrier: true, state: 'up', mtu: 1500 });
    expect(eth0?.received.packets).toBeGreaterThan(0);
    expect(eth0?.sent.bytes).toBeGreaterThan(0);
  });

  it('who listens: redis on its port, PID 1 on the control socket', async () => {
    const sockets = await machine.get<ListeningSocket[]>('/v1/sockets');
    const { pid } = await machine.unit('redis');
    const redis = sockets.filter(({ port }) => port === REDIS);
    expect(redis).toContainEqual({
      protocol: 'tcp',
      address: '0.0.0.0',
      port: REDIS,
      unit: 'redis',
      pid,
      command: 'redis-server',
    });
    expect(redis.every(({ unit }) => unit === 'redis')).toBe(true);
    const control = sockets.find(({ path }) => path === '/run/ishmael/control.sock');
    expect(control).toMatchObject({ protocol: 'unix', type: 'stream', pid: 1 });
    expect(control).not.toHaveProperty('unit');
  });

  it('what redis uses', async () => {
    const usage = await machine.get<UnitUsage>('/v1/services/redis/usage');
    expect(usage.cpu.usageUs).toBeGreaterThan(1000);
    expect(usage.memory.currentBytes).toBeGreaterThan(1024 * 1024);
    expect(usage.memory.anonymousBytes).toBeLessThan(usage.memory.currentBytes);
    expect(usage.memory.events.oomKill).toBe(0);
    expect(usage.pids.current).toBeGreaterThanOrEqual(1);
    expect(usage.atMs).toBeGreaterThan(0);
    const all = await machine.get<UsageSummary[]>('/v1/usage');
    expect(all.map(({ id }) => id)).toEqual(expect.arrayContaining(['dhcpcd', 'redis']));
    expect(all.find(({ id }) => id === 'redis')?.memoryBytes).toBeGreaterThan(1024 * 1024);
    await expect(machine.get('/v1/services/host-bridge/usage')).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('processors, memory, mounts and which image it is', async () => {
    const cpu = await machine.get<CpuInfo>('/v1/cpu');
    expect(cpu.cpus).toHaveLength(2);
    expect(cpu.total.userMs).toBeLessThan(2 * cpu.atMs);
    expect((await machine.get<MemoryInfo>('/v1/memory')).totalKiB).toBeGreaterThan(400_000);
    const mounts = await machine.get<MachineMount[]>('/v1/mounts');
    const run = mounts.find(({ target }) => target === '/run');
    expect(run).toMatchObject({ fstype: 'tmpfs' });
    expect(run?.space?.totalBytes).toBeGreaterThan(1024 * 1024);
    const image = await machine.get<ImageInfo>('/v1/image');
    expect(image.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(image.commandLine).toContain('console=ttyS0');
  });
});

describe('docs/openapi.yaml', () => {
  it('has the shapes of all answers of a machine', async () => {
    const wrong: string[] = [];
    for (const { method, path } of ROUTES) {
      if (method !== 'GET' || /crash|health|event|logs/.test(path)) continue;
      const body = await machine.get(path.replace('{id}', 'redis'));
      wrong.push(...wrongIn(path, body));
      if (Array.isArray(body) && body.length === 0) wrong.push(`${path} is empty`);
    }
    expect(wrong.filter((each) => each !== '/v1/disks is empty')).toEqual([]);
  });
});

describe('a signal', () => {
  it('reaches the first process of redis, which PID 1 starts again', async () => {
    const before = await machine.unit('redis');
    await machine.post('/v1/services/redis/signal?signal=KILL');
    await machine.waitFor('another process', async () => {
      const { pid, state } = await machine.unit('redis');
      return state === 'running' && pid !== before.pid ? pid : undefined;
    });
    const { lastExit, restarts } = await machine.unit('redis');
    expect(lastExit).toMatchObject({ kind: 'signaled', signal: 'SIGKILL' });
    expect(restarts).toBe(1);
    expect(await waitForRedis(machine.hostPort(REDIS), AbortSignal.timeout(60_000))).toBe(true);
  });
});

describe('the serial console', () => {
  it('answers help, status, logs and what it does not know', async () => {
    const { vm } = machine;
    vm.sendConsole('\r');
    await vm.console.waitFor(/redis> /, 60_000);
    vm.sendConsole('help\r');
    await vm.console.waitFor(/help +these lines[^]*status \[NAME\][^]*redis> /, 60_000);
    vm.sendConsole('status\r');
    await vm.console.waitFor(/NAME +KIND +STATE[^]*redis +service +running[^]*redis> /, 60_000);
    vm.sendConsole('logs redis\r');
    await vm.console.waitFor(/Ready to accept connections[^]*redis> /, 60_000);
    vm.sendConsole('why redis\r');
    await vm.console.waitFor(/redis is running for[^]*written last:[^]*redis> /, 60_000);
    vm.sendConsole('boot\r');
    await vm.console.waitFor(
      /coldplug +\d+\.\d+ +\d+\.\d+ +#+[^]*, the last service to be up[^]*redis> /,
      60_000,
    );
    vm.sendConsole('sail away\r');
    await vm.console.waitFor(/Unknown command "sail"/, 60_000);
  });
});

describe('a console that may only look', () => {
  it('refuses to end the machine and to stop a service', async () => {
    const { vm } = machine;
    const { pid, restarts } = await machine.unit('redis');
    vm.sendConsole('poweroff\r');
    await vm.console.waitFor(/"poweroff" is not allowed at this console/, 60_000);
    vm.sendConsole('stop redis\r');
    await vm.console.waitFor(/"stop" is not allowed at this console/, 60_000);
    expect(await machine.unit('redis')).toMatchObject({ state: 'running', pid, restarts });
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
