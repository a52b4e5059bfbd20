import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { doStep } from '../../../../init/boot/do-step.ts';
import type { BootStep } from '../../../../init/boot/plan.ts';
import { createModuleLoader } from '../../../../init/boot/steps/modules.ts';
import { FakeSys } from '../../../support/fake-sys.ts';

let root: string;
let sys: FakeSys;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'steps-'));
  sys = new FakeSys();
});

afterEach(() => rmSync(root, { recursive: true }));

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const perform = (step: BootStep): Promise<string | undefined> =>
  doStep(
    {
      sys,
      root,
      modules: createModuleLoader(sys, root, '6.12'),
      diskLinks: { update: () => Promise.resolve() },
      tell: () => {},
    },
    step,
  );

const mountStep = (fstype: string, target: string, optional: boolean): BootStep => {
  const what = { source: fstype, target, fstype, flags: 6, data: 'mode=1' };
  return { name: target, kind: 'mount', ...what, optional };
};

it('mount makes its mount point', async () => {
  await perform(mountStep('tmpfs', '/dev/shm', false));
  expect(existsSync(join(root, 'dev/shm'))).toBe(true);
  expect(sys.argsOf('mount')).toEqual([['tmpfs', `${root}/dev/shm`, 'tmpfs', 6, 'mode=1']]);
});

it('an optional mount is skipped when the kernel lacks the filesystem or the place', async () => {
  put('proc/filesystems', 'nodev\tsysfs\n\text4\nnodev\tpstore\n');
  expect(await perform(mountStep('selinuxfs', '/sys/fs/selinux', true))).toBe('not in this kernel');
  expect(await perform(mountStep('pstore', '/sys/fs/pstore', true))).toBe('no mount point');
  mkdirSync(join(root, 'sys/fs/pstore'), { recursive: true });
  expect(await perform(mountStep('pstore', '/sys/fs/pstore', true))).toBeUndefined();
  expect(sys.argsOf('mount').length).toBe(1);
});

it('an optional mount has the module of its filesystem loaded, where there is a place for it', async () => {
  put('proc/filesystems', 'nodev\tsysfs\n');
  const step = { ...mountStep('efivarfs', '/sys/firmware/efi/efivars', true), module: 'efivarfs' };
  const asked: string[] = [];
  const modules = {
    ...createModuleLoader(sys, root, '6.12'),
    load(name: string) {
      asked.push(name);
      put('proc/filesystems', 'nodev\tefivarfs\n');
      return Promise.resolve();
    },
  };
  const context = {
    sys,
    root,
    modules,
    diskLinks: { update: () => Promise.resolve() },
    tell: () => {},
  };
  expect(await doStep(context, step as BootStep)).toBe('not in this kernel');
  expect(asked).toEqual([]);
  mkdirSync(join(root, 'sys/firmware/efi/efivars'), { recursive: true });
  expect(await doStep(context, step as BootStep)).toBeUndefined();
  expect(asked).toEqual(['efivarfs']);
  expect(sys.argsOf('mount')).toHaveLength(1);
});

it('a mount that the kernel refuses fails its step with the errno', async () => {
  sys.failNext('mount', 'EPERM');
  await expect(perform(mountStep('tmpfs', '/run', false))).rejects.toMatchObject({ code: 'EPERM' });
});

const PASSED_ON = '+cpu +cpuset +memory +pids +rdma';

beforeEach(() => {
  put('proc/sys/kernel/threads-max', '3911\n');
  put('proc/sys/kernel/pid_max', '32768\n');
});

it('cgroups keeps some processes for the machine, whatever containers fork', async () => {
  put('sys/fs/cgroup/cgroup.controllers', 'pids\n');
  await perform({ name: 'cgroups', kind: 'cgroups' });
  expect(read('sys/fs/cgroup/services/pids.max')).toBe('3519');
  expect(read('sys/fs/cgroup/onboot/pids.max')).toBe('3519');
});

it('cgroups passes on the controllers there are and gives PID 1 a protected cgroup', async () => {
  put('sys/fs/cgroup/cgroup.controllers', 'cpuset cpu memory rdma pids misc\n');
  await perform({ name: 'cgroups', kind: 'cgroups' });
  expect(read('sys/fs/cgroup/cgroup.subtree_control')).toBe(PASSED_ON);
  expect(read('sys/fs/cgroup/services/cgroup.subtree_control')).toBe(PASSED_ON);
  expect(read('sys/fs/cgroup/init/cgroup.procs')).toBe('1');
  expect(read('sys/fs/cgroup/init/memory.low')).toBe(String(64 * 1024 * 1024));
  expect(read('sys/fs/cgroup/system/memory.low')).toBe(String(32 * 1024 * 1024));
});

it('cgroups lets what containers have reserved count: a slice bounds what is in it', async () => {
  put('sys/fs/cgroup/cgroup.controllers', 'memory\n');
  await perform({ name: 'cgroups', kind: 'cgroups' });
  for (const slice of ['onboot', 'services', 'onshutdown']) {
    expect(read(`sys/fs/cgroup/${slice}/memory.low`)).toBe('max');
    expect(read(`sys/fs/cgroup/${slice}/memory.min`)).toBe('max');
  }
});

it('hostname is that of the image unless /etc/hostname says another', async () => {
  const step: BootStep = { name: 'hostname', kind: 'hostname', fallback: 'redis' };
  await perform(step);
  put('etc/hostname', 'edge-7\n');
  await perform(step);
  expect(sys.argsOf('sethostname')).toEqual([['redis'], ['edge-7']]);
});

it("resolv.conf exists from the start, under the habits' two names", async () => {
  mkdirSync(join(root, 'tmp'));
  await perform({ name: 'resolv.conf', kind: 'resolv-conf' });
  expect(read('run/resolvconf/resolv.conf')).toBe('');
  expect(read('tmp/etc/resolv.conf')).toBe('');
});

it('clock leaves alone what the kernel has set and sets it otherwise', async () => {
  const step: BootStep = { name: 'clock', kind: 'clock' };
  expect(await perform(step)).toBe('no real-time clock');
  put('sys/class/rtc/rtc0/hctosys', '1\n');
  expect(await perform(step)).toBe('the kernel has set it');
  put('sys/class/rtc/rtc0/hctosys', '0\n');
  put('sys/class/rtc/rtc0/since_epoch', '1700000000\n');
  expect(await perform(step)).toBeUndefined();
  expect(sys.argsOf('setClock')).toEqual([[1_700_000_000_000]]);
});

it('sysctl writes each value and fails on a key that is not there', async () => {
  put('proc/sys/kernel/printk', '7');
  await perform({ name: 'sysctl', kind: 'sysctl', values: { 'kernel.printk': '4' } });
  expect(read('proc/sys/kernel/printk')).toBe('4');
  const bad: BootStep = { name: 'sysctl', kind: 'sysctl', values: { 'no.such': '1' } };
  await expect(perform(bad)).rejects.toMatchObject({ code: 'ENOENT' });
});

it('sysctl passes over what this kernel does not have where that is no fault', async () => {
  const missing: BootStep = {
    name: 'kernel.yama.ptrace_scope',
    kind: 'sysctl',
    values: { 'kernel.yama.ptrace_scope': '2' },
    optional: true,
  };
  expect(await perform(missing)).toBe('this kernel has no such setting');
  put('proc/sys/kernel/yama/ptrace_scope', '1');
  expect(await perform(missing)).toBeUndefined();
  expect(read('proc/sys/kernel/yama/ptrace_scope')).toBe('2');
});

it('sysctl fails where this kernel has it and does not let it be set', async () => {
  put('proc/sys/kernel/kptr_restrict/a', '');
  const values = { 'kernel.kptr_restrict': '2' };
  const refused: BootStep = { name: 'kptr', kind: 'sysctl', values, optional: true };
  await expect(perform(refused)).rejects.toMatchObject({ code: 'EISDIR' });
});

it('limits forbids core files only where it is told to', async () => {
  const nofile = ['nofile', 65_536, 1_048_576];
  await perform({ name: 'limits', kind: 'limits', coreFiles: true });
  expect(sys.calls.map(({ args }) => args)).toEqual([nofile]);
  await perform({ name: 'limits', kind: 'limits', coreFiles: false });
  expect(sys.calls.map(({ args }) => args)).toEqual([nofile, nofile, ['core', 0, 0]]);
});

it('panic writes the timeout unless the kernel command line says another', async () => {
  const step: BootStep = { name: 'panic', kind: 'panic', timeout: 30 };
  put('proc/sys/kernel/panic', '0');
  put('proc/cmdline', 'console=ttyS0 nopanic=5 quiet\n');
  expect(await perform(step)).toBeUndefined();
  expect(read('proc/sys/kernel/panic')).toBe('30');
  put('proc/cmdline', 'panic=10 console=ttyS0 panic=0\n');
  put('proc/sys/kernel/panic', '0');
  expect(await perform(step)).toBe('the kernel command line says panic=0');
  expect(read('proc/sys/kernel/panic')).toBe('0');
});

it('device-links and var-layout can be done twice', async () => {
  mkdirSync(join(root, 'dev'));
  for (let round = 0; round < 2; round += 1) {
    await perform({ name: 'links', kind: 'device-links' });
    await perform({ name: 'var', kind: 'var-layout' });
  }
  expect(readlinkSync(join(root, 'dev/stdout'))).toBe('/proc/self/fd/1');
  expect(existsSync(join(root, 'var/lib'))).toBe(true);
});

it('end-own-processes kills what an earlier generation left', async () => {
  put('sys/fs/cgroup/system/cgroup.procs', '170\n171\n');
  sys.failNext('kill', 'ESRCH');
  await perform({ name: 'end', kind: 'end-own-processes' });
  expect(sys.argsOf('kill')).toEqual([
    [170, 9],
    [171, 9],
  ]);
});

it('loopback sets interface 1 up through rtnetlink', async () => {
  await perform({ name: 'lo', kind: 'loopback' });
  const [[request] = []] = sys.argsOf('rtnetlink');
  expect(Buffer.from(request ?? []).toString('hex')).toBe(
    // length 32 · RTM_NEWLINK · REQUEST|ACK · seq 1 · pid 0
    '20000000' +
      '1000' +
      '0500' +
      '01000000' +
      '00000000' +
      // AF_UNSPEC · type 0 · index 1 · flags UP · change UP
      '00000000' +
      '01000000' +
      '01000000' +
      '01000000',
  );
});
