/** Onboot tasks, the settings of a container as seen from inside it, and PID 1's closed inspector. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { HistoryEntry } from '../../../supervisor/control/api.ts';
import type { NetworkInterface } from '../../../supervisor/control/api-network.ts';
import { bootMachine, type TestMachine } from '../../support/vm-machine.ts';
import { type GuestShell, guestShell, SHELL_PORT } from '../../support/vm-shell.ts';

const INSPECTOR_PORT = 9229;

let machine: TestMachine;

beforeAll(async () => {
  machine = await bootMachine({ folder: import.meta.dirname, ports: [SHELL_PORT] });
  return () => machine.vm.kill();
});

async function output(id: string): Promise<string[]> {
  return (await machine.logs(id)).map(({ text }) => text);
}

describe('onboot tasks', () => {
  it('run one after another in the order of the YAML', async () => {
    const events = await machine.events();
    const told = events.filter(({ unit }) => /^\d{3}-/.test(unit));
    expect(told.map(({ unit, text }) => [unit, text.replace(/\d+\)$/, 'N)')])).toEqual([
      ['000-journal', 'starting'],
      ['000-journal', 'running (pid N)'],
      ['000-journal', 'exit code 0'],
      ['001-fails', 'starting'],
      ['001-fails', 'running (pid N)'],
      ['001-fails', 'exit code 3'],
      ['002-sailor', 'starting'],
      ['002-sailor', 'running (pid N)'],
      ['002-sailor', 'exit code 0'],
      ['003-sealed', 'starting'],
      ['003-sealed', 'running (pid N)'],
      ['003-sealed', 'exit code 0'],
    ]);
  });

  it('that fail are reported with their exit code and their output', async () => {
    expect(await machine.unit('001-fails')).toMatchObject({
      state: 'failed',
      reason: 'exit code 3',
      restarts: 0,
      lastExit: { kind: 'exited', code: 3 },
    });
    expect(await machine.logs('001-fails')).toMatchObject([
      { stream: 'stderr', text: 'going down' },
    ]);
    const events = await machine.events();
    expect(events.find(({ text }) => text === 'exit code 3')).toMatchObject({ severity: 'error' });
    expect(machine.vm.console.text()).toContain('001-fails: error: exit code 3');
  });

  it('that fail keep no service from running', async () => {
    for (const id of ['resolver', 'dhcpcd', 'shell']) {
      expect(await machine.unit(id)).toMatchObject({ id, state: 'running' });
    }
  });

  it('find the source of a bind made for them, owned by root', async () => {
    expect(await output('000-journal')).toEqual([
      expect.stringMatching(/^drwxr-xr-x +\d+ 0 +0 .* \/journal$/),
    ]);
  });
});

describe('a container', () => {
  it('has the user, directory, environment, limits and names it was given', async () => {
    const lines = await output('002-sailor');
    // HOME is runc's own addition, for programs that cannot live without one.
    expect(lines.slice(0, 6)).toEqual([
      'id: uid=1000 gid=1001 groups=44',
      'cwd: /usr/lib',
      'env: HOME=/ MOTTO=the sea PATH=/bin PWD=/usr/lib ',
      'nofile: 512 1024',
      'core: 0 unlimited',
      'hostname: pequod',
    ]);
  });

  it('sees only lo with net: new, and only its own processes', async () => {
    const lines = await output('002-sailor');
    expect(lines).toContain('links: lo ');
    const processes = Number(lines.find((line) => line.startsWith('processes: '))?.slice(11));
    expect(processes).toBeLessThanOrEqual(4);
  });

  it('has its ambient capabilities as a user, the others only as a bound, and gains none', async () => {
    const lines = await output('002-sailor');
    // Bit 10 is CAP_NET_BIND_SERVICE, bit 13 CAP_NET_RAW: uid 1000 keeps across execve what is ambient.
    expect(lines).toEqual(
      expect.arrayContaining([
        'CapPrm:\t0000000000002000',
        'CapEff:\t0000000000002000',
        'CapBnd:\t0000000000002400',
        'CapAmb:\t0000000000002000',
        'NoNewPrivs:\t1',
      ]),
    );
  });

  it('that is readonly cannot write to its root, but to its tmpfs, which is as it was asked for', async () => {
    const lines = await output('003-sealed');
    expect(lines).toContain('root: refused');
    expect(lines).toContainEqual(expect.stringMatching(/Read-only file system/));
    expect(lines).toContain('tmpfs: written');
    expect(lines).toContainEqual(
      expect.stringMatching(/^tmpfs \/scratch tmpfs rw,(?=.*noexec)(?=.*size=1024k)(?=.*mode=700)/),
    );
  });
});

describe('resolv.conf', () => {
  it('of the lease reaches a service that was started before it', async () => {
    const lines = await machine.waitFor('the name servers', async () => {
      const seen = await output('resolver');
      return seen.some((line) => line.startsWith('after: ')) ? seen : undefined;
    });
    expect(lines[0]).toBe('before: ');
    expect(lines.join('\n')).toMatch(/^after: .*\n?nameserver 10\.0\.2\.3$/m);
  });
});

describe('the machine', () => {
  let shell: GuestShell;
  beforeAll(async () => {
    await machine.waitFor('an address', async () => {
      const network = await machine.get<NetworkInterface[]>('/v1/network');
      return network.find(({ name, addresses }) => name === 'eth0' && addresses.length > 0);
    });
    shell = await guestShell(machine);
  });

  it('has a read-only root', async () => {
    const mounts = await shell('cat /proc/1/mountinfo');
    const root = mounts.split('\n').findLast((line) => line.split(' ')[4] === '/');
    expect(root?.split(' ')[5]?.split(',')).toContain('ro');
  });

  it('opens no inspector, whatever NODE_OPTIONS the kernel was given', async () => {
    expect(await shell("tr '\\0' '\\n' < /proc/1/environ")).toContain(
      `NODE_OPTIONS=--inspect=0.0.0.0:${INSPECTOR_PORT}`,
    );
    expect(await listeningPorts(shell)).toEqual([SHELL_PORT]);
  });

  it('halts on SIGUSR1, as busybox halt asks, and opens no inspector then either', async () => {
    const told = machine.follow<HistoryEntry>('/v1/events?follow=1');
    expect(await listeningPorts(shell, 'kill -USR1 1; sleep 3')).toEqual([SHELL_PORT]);
    await machine.vm.console.waitFor(/reboot: System halted/, 60_000);
    await machine.vm.kill();
    const events = (await told).map(({ unit, text }) => `${unit}: ${text}`);
    expect(events).toContain('machine: halt requested by SIGUSR1');
    // The shell ignores SIGTERM: its grace ran out.
    expect(events).toContain('shell: did not stop within 10 s, killed');
    expect(events).toContain('shell: killed by SIGKILL');
    expect(events).toContain('machine: everything has stopped');
  });
});

/** The TCP ports on which anything of the machine listens. */
async function listeningPorts(shell: GuestShell, after = ''): Promise<number[]> {
  const table = await shell(`${after}\ncat /proc/net/tcp /proc/net/tcp6`);
  const ports = table.split('\n').flatMap((line) => {
    // sl local_address rem_address st …; state 0A is LISTEN (include/net/tcp_states.h)
    const [, local, , state] = line.trim().split(/\s+/);
    return state === '0A' ? [Number.parseInt(local?.split(':')[1] ?? '', 16)] : [];
  });
  return [...new Set(ports)];
}
