/**
 * PID 1 in a root that LinuxKit's builder has laid out: no manifest, bundles in /containers, scripts in /etc/init.d.
 * The tests go on where the one before has stopped.
 */
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Tree } from '../../../build/rootfs/tree.ts';
import type { MachineInfo, UnitStatus } from '../../../supervisor/control/api.ts';
import { BREAK_PID_1 } from '../../support/break-pid1.ts';
import { buildLinuxkitMachine } from '../../support/linuxkit-machine.ts';
import { textFile } from '../../support/linuxkit-root.ts';
import { bootMachine, type TestMachine } from '../../support/vm-machine.ts';
import { type GuestShell, guestShell, SHELL_PORT } from '../../support/vm-shell.ts';

/** The machine's root, as a container with its pid namespace has it. */
const ROOT = '/proc/1/root';

const LINK = { mode: 0o777, uid: 0, gid: 0, mtime: 0, type: 'symlink' } as const;

function script(word: string): ReturnType<typeof textFile> {
  return textFile(`#!/bin/sh\necho "${word} says hello"\necho ${word} >> /var/order\n`, 0o755);
}

/** Leaves a shell behind that has a name of its own. */
const BACKGROUND =
  '#!/bin/sh\n(echo -n backgrounded > /proc/self/comm; while :; do sleep 1000; done) &\n';

/** What other images under `init:` bring, and what somebody has spoiled. */
function change(bundles: Tree, files: Tree): void {
  for (const path of ['etc/init.d', 'etc/shutdown.d'])
    files.set(path, { ...LINK, mode: 0o755, type: 'directory' });
  const service = { ...LINK, target: '/usr/bin/service' };
  files.set('etc/init.d/005-volumes', service);
  files.set('etc/init.d/010-onboot', service);
  files.set('etc/init.d/020-containerd', service);
  files.set('etc/shutdown.d/010-onshutdown', service);
  files.set('etc/init.d/003-early', script('early'));
  files.set('etc/init.d/004-daemon', textFile(BACKGROUND, 0o755));
  files.set('etc/init.d/015-between', script('between'));
  files.set('etc/init.d/README', textFile('no program'));
  files.set('etc/shutdown.d/005-before', script('before'));
  bundles.delete('containers/services/half/config.json');
  bundles.set('containers/services/odd/runtime.json', textFile('{"colour": "blue"}'));
}

let machine: TestMachine;
let shell: GuestShell;

beforeAll(async () => {
  machine = await bootMachine({
    folder: import.meta.dirname,
    ports: [SHELL_PORT],
    build: (file, to) => buildLinuxkitMachine(file, to, change),
  });
  shell = await guestShell(machine);
  return () => machine.vm.kill();
});

async function texts(id: string): Promise<readonly string[]> {
  return (await machine.logs(id)).map(({ text }) => text);
}

const runs = ({ state }: UnitStatus): boolean => state === 'running';

describe("a root of LinuxKit's builder", () => {
  it('runs scripts and onboot tasks in their order, before the services', async () => {
    const order = await shell('cat /var/order');
    expect(order.trim().split('\n')).toEqual(['early', 'onboot-first', 'onboot-second', 'between']);
    expect(await texts('init.d-003-early')).toEqual(['early says hello']);
    for (const id of ['init.d-003-early', '000-first', '001-second', 'init.d-015-between'])
      expect(await machine.unit(id)).toMatchObject({ kind: 'onboot', state: 'finished' });
  });

  it('leaves alone what a script has left running', async () => {
    expect(await shell('cat /proc/[0-9]*/comm | grep -c ^backgrounded$')).toBe('1\n');
  });

  it('takes config.json as it is, with the root that it asks for', async () => {
    const first = await texts('000-first');
    expect(first).toEqual(['1', '/relative/dir', 'root is writable']);
    expect(await texts('001-second')).toEqual(['root is read-only']);
    const web = await machine.unit('web');
    expect((await texts('web')).slice(0, 2)).toEqual(['64', 'made by first']);
    expect(await shell(`grep 'locked mem' /proc/${web.pid}/limits`)).toMatch(/\s65536\s+unlimited/);
    // Nothing of ours is added: no shared memory, and the capabilities that LinuxKit's builder gives.
    expect(await shell(`grep -c /dev/shm /proc/${web.pid}/mounts`)).toBe('0\n');
    expect(await shell(`grep CapBnd /proc/${web.pid}/status`)).toMatch(/0000000000000400/);
    const sized = await shell(`grep '/bundles/web/writable ' ${ROOT}/proc/1/mounts`);
    expect(sized).toContain('size=8192k');
  });

  it('carries runtime.json out', async () => {
    expect(await shell('grep " /var/scratch " /proc/1/mounts')).toMatch(/nosuid.*size=1024k/);
    expect(await shell('ls /var/scratch')).toBe('made\n');
    expect(await shell(`test -d ${ROOT}/sys/fs/cgroup/mine && echo there`)).toBe('there\n');
    const web = await machine.unit('web');
    const own = await shell(`stat -L -c %i ${ROOT}/run/netns/web /proc/${web.pid}/ns/net`);
    const [bound, net] = own.trim().split('\n');
    expect(bound).toBe(net);
    expect(await texts('beside')).toEqual(['made by first']);
  });

  it("greets as LinuxKit's images do", async () => {
    expect(await readFile(machine.vm.consoleLogPath, 'utf8')).toContain('Welcome to LinuxKit');
  });

  it('shares volumes', async () => {
    expect(await shell('cat /shared/note')).toBe('made by first\n');
    expect(await shell('grep " /containers/volumes/shared/merged " /proc/1/mounts')).toContain(
      'overlay',
    );
  });

  it('says what cannot be run, and why, and runs the rest', async () => {
    const reasons = await Promise.all(['half', 'odd', 'typo'].map(async (id) => machine.unit(id)));
    expect(reasons.map(({ state }) => state)).toEqual(['failed', 'failed', 'failed']);
    expect(reasons.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/config-missing: \/containers\/services\/half: half a bundle/),
      expect.stringMatching(/unknown-field: .*\/odd\/runtime.json: .*"colour"/),
      expect.stringMatching(/annotation: .*ishmael\.retsart/),
    ]);
    expect(await machine.unit('beside')).toMatchObject({ state: 'running' });
  });

  it("names LinuxKit's kernel options that it does not follow", async () => {
    const warnings = (await machine.events())
      .filter(({ severity }) => severity === 'warning')
      .map(({ text }) => text);
    expect(warnings).toContainEqual(
      expect.stringContaining('unified_cgroup_hierarchy=0: there is cgroup v2'),
    );
    expect(warnings).toContainEqual(expect.stringContaining('runc_debug=1: not needed'));
    expect(warnings).toContainEqual(expect.stringContaining('linuxkit.colour=1: there is no such'));
  });

  it("has logs where LinuxKit has them, and memlogd's sockets", async () => {
    const log = `chroot ${ROOT} tail -n 1 /var/log/web.out.log /var/log/onboot/onboot.001-second.out.log`;
    const lines = await shell(log);
    expect(lines).toContain('made by first');
    expect(lines).toContain('root is read-only');
    expect(await machine.unit('memlogd')).toMatchObject({ kind: 'system', state: 'running' });
    const sockets =
      'ls /machine/run | grep -c -e "^memlogdq.sock$" -e "^linuxkit-external-logging.sock$"';
    expect(await shell(sockets)).toBe('2\n');
  });

  it('starts a service again that was killed', async () => {
    const { pid } = await machine.unit('web');
    await shell(`kill -KILL ${pid}`);
    const web = await machine.waitFor('web again', async () => {
      const unit = await machine.unit('web');
      return runs(unit) && unit.restarts === 1 ? unit : undefined;
    });
    expect(web.lastExit).toMatchObject({ kind: 'signaled', signal: 'SIGKILL' });
    const own = await shell(`stat -L -c %i ${ROOT}/run/netns/web /proc/${web.pid}/ns/net`);
    expect(new Set(own.trim().split('\n')).size).toBe(1);
  });

  it('goes on with its containers when PID 1 is executed again', async () => {
    const before = await machine.unit('beside');
    await shell(BREAK_PID_1);
    await machine.waitFor('generation 1', async () => {
      const { generation } = await machine.get<MachineInfo>('/v1/machine');
      return generation >= 1 || undefined;
    });
    const { pid, restarts, state } = await machine.unit('beside');
    expect({ pid, restarts, state }).toEqual({ pid: before.pid, restarts: 0, state: 'running' });
    expect(await machine.unit('half')).toMatchObject({ state: 'failed' });
    expect(await shell('cat /var/order | wc -l')).toBe('4\n');
  });

  it('obeys the service command', async () => {
    const answer = await shell(`chroot ${ROOT} service stop beside; echo $?`);
    expect(answer).toMatch(/0\n$/);
    expect(await machine.unit('beside')).toMatchObject({ state: 'stopped' });
    expect(await shell(`chroot ${ROOT} service start beside; echo $?`)).toMatch(/0\n$/);
    await machine.waitFor('beside', async () => runs(await machine.unit('beside')) || undefined);
    const wrong = await shell(`chroot ${ROOT} service start nobody; echo $?`);
    expect(wrong).toMatch(/nobody.*\n1\n$/s);
  });

  it('runs scripts and tasks of the end, and powers off', async () => {
    const told = machine.follow<{ unit: string; text: string }>('/v1/events?follow=1');
    // busybox's, in a container with the machine's pid namespace: a signal to PID 1.
    await shell('poweroff').catch(() => undefined);
    expect(await machine.ended()).toMatchObject({ code: 0, signal: null, stderr: '' });
    const started = (await told)
      .filter(({ text }) => text === 'starting')
      .map(({ unit }) => unit)
      .filter((unit) => /shutdown/.test(unit));
    expect(started).toEqual(['shutdown.d-005-before', 'onshutdown-000-bye']);
  });
});
