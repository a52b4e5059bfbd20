import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AccelRequest } from '../../build/run/accel.ts';
import { checkMachine } from '../../build/run/check-machine.ts';
import { type KvmKnowledge, startMachine } from '../../build/run/start-machine.ts';
import { startVm, type Vm } from '../../build/run/vm.ts';

const FAKE = resolve(import.meta.dirname, '../support/fake-qemu');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ishmael-run-'));
  vi.stubEnv('PATH', `${FAKE}${delimiter}${process.env['PATH'] ?? ''}`);
  vi.stubEnv('FAKE_QEMU_NODE', process.execPath);
  writeFileSync(join(folder, 'm-cmdline'), 'console=ttyS0\n');
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

function start(options: { timeLimitMs?: number; accel?: 'kvm' } = {}): Promise<Vm> {
  return startVm({
    kernel: join(folder, 'm-kernel'),
    initrd: join(folder, 'm-initrd.img'),
    cmdline: 'console=ttyS0',
    consoleLog: join(folder, 'logs/console.log'),
    accel: 'tcg',
    publish: [{ host: 0, guest: 80 }],
    ...options,
  });
}

describe('startVm()', () => {
  it('hears the first words, types, and sees the exit code', async () => {
    const vm = await start();
    await vm.console.waitFor(/Linux version/, 10_000);
    vm.sendConsole('hello');
    await vm.console.waitFor(/hello/, 10_000);
    vm.sendConsole('exit 3');
    expect(await vm.waitForExit()).toEqual({ code: 3, signal: null, timedOut: false, stderr: '' });
  });

  it('chooses a free port where the host port is 0', async () => {
    const vm = await start();
    expect(vm.forwards).toEqual([{ host: expect.any(Number) as number, guest: 80 }]);
    expect(vm.forwards[0]?.host).toBeGreaterThan(1023);
    await vm.kill();
  });

  it('kill() ends it, leaves the log and removes the sockets', async () => {
    const vm = await start();
    expect(existsSync(vm.controlSocketPath)).toBe(true);
    expect(await vm.kill()).toMatchObject({ code: null, signal: 'SIGKILL', timedOut: false });
    expect(existsSync(vm.consoleLogPath)).toBe(true);
    expect(existsSync(dirname(vm.controlSocketPath))).toBe(false);
  });

  it('presses the power button over the monitor, after agreeing on capabilities', async () => {
    const vm = await start();
    await vm.pressPowerButton();
    await vm.console.waitFor(/qmp_capabilities[^]*system_powerdown/, 10_000);
    await vm.kill();
    await expect(vm.pressPowerButton()).rejects.toMatchObject({ code: 'monitor' });
  });

  it('says so when QEMU refuses to press it', async () => {
    vi.stubEnv('FAKE_QEMU_MONITOR', 'refuse');
    const vm = await start();
    await expect(vm.pressPowerButton()).rejects.toMatchObject({ code: 'monitor' });
    await vm.kill();
  });

  it('ends a machine that outstays its time', async () => {
    const vm = await start({ timeLimitMs: 3_000 });
    expect(await vm.waitForExit()).toMatchObject({ signal: 'SIGKILL', timedOut: true });
  });
});

it('startVm() hands over the words of a QEMU that refuses', async () => {
  vi.stubEnv('FAKE_QEMU_KVM', 'refuse');
  const vm = await start({ accel: 'kvm' });
  const exit = await vm.waitForExit();
  expect(exit).toMatchObject({ code: 1, signal: null });
  expect(exit.stderr).toContain('failed to initialize kvm');
});

it('checkMachine() fails with the reason and the console log when the machine ends early', async () => {
  const vm = await start();
  vm.sendConsole('exit 7');
  await expect(checkMachine(vm, 1, () => {})).rejects.toMatchObject({
    code: 'guest-failed',
    message: `QEMU ended with exit code 7\nThe machine's console: ${vm.consoleLogPath}`,
  });
});

describe('startMachine()', () => {
  let notes: string[];
  let remembered: number;
  beforeEach(() => {
    notes = [];
    remembered = 0;
  });

  const host: KvmKnowledge = {
    kvmOpens: () => Promise.resolve(true),
    kvmHung: () => Promise.resolve(false),
    rememberKvmHung: () => Promise.resolve(void (remembered += 1)),
    watchMs: 1_000,
  };

  async function accelUsed(accel: AccelRequest, kvm: string, name = 'm'): Promise<string> {
    vi.stubEnv('FAKE_QEMU_KVM', kvm);
    const vm = await startMachine(
      {
        dir: folder,
        name,
        accel,
        consoleLog: join(folder, 'console.log'),
        memoryMiB: 512,
        cpus: 1,
        network: true,
        publish: [],
        rebootEnds: true,
      },
      (note) => notes.push(note),
      host,
    );
    await vm.console.waitFor(/under (kvm|tcg)/, 10_000);
    await vm.kill();
    return /under (kvm|tcg)/.exec(vm.console.text())?.[1] ?? '';
  }

  it('keeps KVM when the kernel speaks', async () => {
    expect(await accelUsed('auto', 'speak')).toBe('kvm');
    expect({ notes, remembered }).toEqual({ notes: [], remembered: 0 });
  });

  it('falls back to emulation when the kernel stays silent, says so and remembers it', async () => {
    expect(await accelUsed('auto', 'hang')).toBe('tcg');
    expect(notes).toHaveLength(1);
    expect(remembered).toBe(1);
  });

  it('falls back to emulation when QEMU refuses KVM', async () => {
    expect(await accelUsed('auto', 'refuse')).toBe('tcg');
    expect(notes).toHaveLength(1);
    expect(remembered).toBe(0);
  });

  it('names the missing file of an image that is not there', async () => {
    await expect(accelUsed('tcg', 'speak', 'ghost')).rejects.toMatchObject({
      code: 'no-image',
      message: expect.stringContaining(join(folder, 'ghost-cmdline')) as string,
    });
  });
});
