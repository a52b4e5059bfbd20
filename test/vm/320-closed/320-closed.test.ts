/** What is open on a machine of which nobody has said anything: counted on the machine of the README, and compared with a list. */
import { beforeAll, expect, it } from 'vitest';
import { bootMachine, type TestMachine } from '../../support/vm-machine.ts';
import { type GuestShell, guestShell, SHELL_PORT } from '../../support/vm-shell.ts';

/** Redis, the shell of this test, and dhcpcd, which waits for what its server says. */
const PORTS = ['tcp 6379', 'tcp6 2323', 'udp 68'];

/** In memory or the kernel's own; the bundles are what containers write to, each to its own. */
const WRITABLE = [
  'bpf /sys/fs/bpf',
  'cgroup2 /sys/fs/cgroup',
  'debugfs /sys/kernel/debug',
  'devpts /dev/pts',
  'devtmpfs /dev',
  'mqueue /dev/mqueue',
  'overlay /run/ishmael/bundles/…',
  'proc /proc',
  'pstore /sys/fs/pstore',
  'securityfs /sys/kernel/security',
  'sysfs /sys',
  'tmpfs /dev/shm',
  'tmpfs /run',
  'tmpfs /run/ishmael/bundles/…',
  'tmpfs /run/log',
  'tmpfs /tmp',
  'tmpfs /var',
];

let machine: TestMachine;
let shell: GuestShell;

beforeAll(async () => {
  machine = await bootMachine({ folder: import.meta.dirname, ports: [SHELL_PORT] });
  shell = await guestShell(machine);
  return () => machine.vm.kill();
});

async function lines(script: string): Promise<string[]> {
  return (await shell(script)).split('\n').filter((line) => line !== '');
}

it('listens on no port but those of its services', async () => {
  const sockets = await lines(
    `for kind in tcp tcp6 udp udp6; do sed "1d; s/^/$kind /" /proc/1/net/$kind; done`,
  );
  const LISTENS = '0A';
  const UNCONNECTED = '07';
  const ports = sockets.flatMap((line) => {
    const [kind = '', , local = '', , state] = line.trim().split(/\s+/);
    if (state !== LISTENS && state !== UNCONNECTED) return [];
    return [`${kind} ${Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16)}`];
  });
  expect(ports.filter((port) => !PORTS.includes(port))).toEqual([]);
  expect(ports).toContain('tcp 6379');
});

it('has no file in its root, nor in its images, that gives rights to who runs it', async () => {
  expect(await lines('find /host -xdev -type f -perm /6000')).toEqual([]);
});

it('has no shell in its root', async () => {
  const names = ['sh', 'ash', 'bash', 'dash', 'busybox', 'ksh', 'zsh', 'python3', 'perl'];
  const wanted = names.map((name) => `-name ${name}`).join(' -o ');
  expect(
    await lines(`find /host -xdev -path /host/images -prune -o '(' ${wanted} ')' -print`),
  ).toEqual([]);
});

it('has nothing that can be written but what is in memory', async () => {
  const mounts = await lines('cat /proc/1/mountinfo');
  const writable = mounts.flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , , point = '', options = ''] = before.split(' ');
    const [type, , superOptions = ''] = after.split(' ');
    const isWritable = options.split(',').includes('rw') && superOptions.split(',').includes('rw');
    return isWritable ? [`${type} ${point.replace(/^(\/run\/ishmael\/[a-z]+\/).*/, '$1…')}`] : [];
  });
  expect([...new Set(writable)].sort()).toEqual(WRITABLE);
});

it('takes no code into its kernel once it has settled', async () => {
  await machine.waitFor('the modules to be closed', async () => {
    const [value] = await lines('cat /proc/sys/kernel/modules_disabled');
    return value === '1' ? true : undefined;
  });
});

it('shows the processes of other users to the group root only', async () => {
  const seen = await machine.waitFor('what another user sees', async () => {
    const [first] = await machine.logs('other');
    return first?.text;
  });
  // Itself, its `ls` and its `grep`.
  expect(Number(seen)).toBeLessThanOrEqual(3);
  expect((await lines('ls -d /proc/[0-9]*')).length).toBeGreaterThan(10);
});
