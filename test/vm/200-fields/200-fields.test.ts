/** Fields of containers, as the kernel sees them. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { ProcessInfo } from '../../../supervisor/control/api.ts';
import { bootMachine, type TestMachine } from '../../support/vm-machine.ts';
import { type GuestShell, guestShell, SHELL_PORT } from '../../support/vm-shell.ts';

let machine: TestMachine;
let shell: GuestShell;

beforeAll(async () => {
  machine = await bootMachine({ folder: import.meta.dirname, ports: [SHELL_PORT] });
  shell = await guestShell(machine);
  return () => machine.vm.kill();
});

/** What a unit has written, once it has written so many lines. */
function wrote(id: string, lines: number): Promise<string[]> {
  return machine.waitFor(`${lines} lines of ${id}`, async () => {
    const text = (await machine.logs(id)).map((line) => line.text);
    return text.length >= lines ? text : undefined;
  });
}

describe('namespaces', () => {
  it('that an onboot task made are joined by a service, with the interface in it', async () => {
    const [hostname, address] = await wrote('joined', 2);
    expect(hostname).toBe('shared');
    expect(address).toContain('192.0.2.2/24');
  });

  it('reach the machine through the other end of the veth', async () => {
    await shell('ip addr add 192.0.2.1/24 dev outside && ip link set outside up');
    expect(await shell('ping -c 1 -W 5 192.0.2.2')).toContain('1 packets received');
  });

  it('that tasks made are the ends of a WireGuard tunnel, which was made in the root', async () => {
    expect(await wrote('caller', 4)).toEqual(['out of the tunnel', 'encrypted', 'lo', 'wg0']);
    // The encrypted side is the machine's, where nobody made an interface of that name.
    const ports = await shell(`awk 'NR > 1 { print $2 }' /proc/1/net/udp`);
    expect(ports).toContain(`:${(51_820).toString(16).toUpperCase()}`);
    expect(await shell('ls /sys/class/net')).not.toContain('wg0');
  });

  it('of a service of its own have its hostname and sysctls', async () => {
    expect(await wrote('private', 3)).toEqual(['private', '1', '77']);
    expect(await shell('cat /proc/sys/net/ipv4/ip_forward')).toBe('0\n');
  });

  it("of cgroups can be the machine's", async () => {
    const [inside] = await wrote('bare', 1);
    expect(`${inside}\n`).toBe(await shell('readlink /proc/1/ns/cgroup'));
  });

  it('of time shift its clocks', async () => {
    const [uptime] = await wrote('clocks', 1);
    expect(Number(uptime)).toBeGreaterThan(240 * 3600);
  });

  it('of users map its root to nobody in particular', async () => {
    expect(await wrote('users', 4)).toEqual(['0', '0 100000 1000', 'root is mine', 'sys is there']);
    const [process] = await machine.get<ProcessInfo[]>('/v1/services/users/processes');
    expect(await shell(`awk '/^Uid:/ { print $2 }' /proc/${process?.pid}/status`)).toBe('100000\n');
  });
});

describe('limits', () => {
  it('of files, permissions and memory are those of the file', async () => {
    expect(await wrote('limits', 4)).toEqual(['100', '200', '0027', '321']);
  });

  it('stand in the cgroup that the file names, and other cgroups are made', async () => {
    const pid = (await shell('cat /machine/cgroup/mine/limits/cgroup.procs')).trim();
    expect(pid).toMatch(/^\d+$/);
    expect(await shell('ls -d /machine/cgroup/mine/other')).toBe('/machine/cgroup/mine/other\n');
    const processes = await machine.get<ProcessInfo[]>('/v1/services/limits/processes');
    expect(processes.map((process) => String(process.pid))).toEqual([pid]);
  });

  it('stop a service there, too', async () => {
    await machine.post('/v1/services/limits/stop');
    await machine.waitFor('limits to be stopped', async () =>
      (await machine.unit('limits')).state === 'stopped' ? true : undefined,
    );
    expect(await shell('ls /machine/cgroup/mine')).not.toContain('limits');
  });
});

it('devices are made and may be used, a class as a whole, others not', async () => {
  expect(await wrote('devices', 7)).toEqual([
    'crw-r-----',
    ' 00 00 00 00',
    'made',
    // It may, and there is no such disk; the other one it may not.
    expect.stringMatching(/ram: No such device or address/),
    'open: 1',
    expect.stringMatching(/kmsg: Operation not permitted/),
    'other: 1',
  ]);
});

it('mounts are of the kind, size and place that the file says', async () => {
  expect(await wrote('mounts', 6)).toEqual([
    '1',
    expect.stringMatching(/^size=\d+k$/),
    expect.stringMatching(/Read-only/),
    'bound read-only',
    'dir',
    '1',
  ]);
  expect(await shell('grep -c " /run/store tmpfs" /proc/1/mounts')).toBe('1\n');
});

it('volumes are shared, hold an image or its layout, and are read-only when they are to be', async () => {
  expect((await machine.logs('002-writer')).map((line) => line.text)).toEqual([]);
  expect(await wrote('volumes', 7)).toEqual([
    'hello',
    'hello',
    'has the image',
    expect.stringMatching(/Read-only file system/),
    'fixed is',
    '{"imageLayoutVersion":"1.0.0"}',
    'x',
  ]);
  expect(await wrote('added', 1)).toEqual(['hello']);
});

describe('hardened defaults', () => {
  it('refuse what a container does not need', async () => {
    const text = (await wrote('hardened', 9)).join('\n');
    expect(text).toContain('NoNewPrivs:\t1');
    expect(text).toContain('Seccomp:\t2');
    expect(text).toContain('\n0\n');
    for (const what of ['sysctl', 'sysrq', 'unshare']) expect(text).toContain(`${what} refused`);
    expect(text).toContain('small');
  });

  it('can be lifted', async () => {
    const text = (await wrote('plain', 3)).join('\n');
    expect(text).toContain('NoNewPrivs:\t0');
    expect(text).toContain('Seccomp:\t0');
    expect(text).toContain('unshare works');
  });

  it('can be another seccomp profile', async () => {
    const text = (await wrote('picky', 2)).join('\n');
    expect(text).toMatch(/chmod: \/tmp\/a: Permission denied/);
    expect(text).toContain('mkdir works');
  });
});

describe('the machine itself', () => {
  it('is closed where nobody has said otherwise', async () => {
    const value = (key: string): Promise<string> =>
      shell(`cat /proc/sys/${key.replaceAll('.', '/')}`);
    expect(await value('kernel.sysrq')).toBe('176\n');
    expect(await value('kernel.kexec_load_disabled')).toBe('1\n');
    expect(await value('kernel.unprivileged_bpf_disabled')).toBe('1\n');
    expect(await value('net.core.bpf_jit_harden')).toBe('1\n');
    expect(await value('kernel.yama.ptrace_scope')).toBe('2\n');
    for (const kind of ['hardlinks', 'symlinks', 'fifos', 'regular']) {
      expect(await value(`fs.protected_${kind}`)).toBe('1\n');
    }
    // Said otherwise.
    expect(await value('kernel.kptr_restrict')).toBe('0\n');
    expect(await shell('grep core /proc/1/limits')).toMatch(/^Max core file size +0 +0 +bytes/);
    expect(await shell('grep core /proc/self/limits')).toMatch(/ 0 +0 +bytes/);
  });
});
