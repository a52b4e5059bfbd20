/** A kernel that panics: what the machine does then, and what the next boot knows of it. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { CHECKOUT } from '../../../build/cli/checkout.ts';
import type { CrashReport, HistoryEntry } from '../../../supervisor/control/api.ts';
import { bootMachine, type TestMachine } from '../../support/vm-machine.ts';
import { type GuestShell, guestShell, SHELL_PORT } from '../../support/vm-shell.ts';

const PANIC = /Kernel panic - not syncing: sysrq triggered crash/;

/** The memory of ACPI's ERST, which outlives the machine. */
const MEMORY = join(CHECKOUT, 'dist/vm/120-panic.erst');

let machine: TestMachine;
let shell: GuestShell;

async function boot(yaml: 'halt.yml' | 'image.yml'): Promise<void> {
  machine = await bootMachine({
    folder: import.meta.dirname,
    yaml: join(import.meta.dirname, yaml),
    ports: [SHELL_PORT],
    objects: [`memory-backend-file,id=erst,size=64K,mem-path=${MEMORY},share=on`],
    devices: ['acpi-erst,memdev=erst'],
  });
  shell = await guestShell(machine);
}

/** Nothing of the guest answers any more. */
function panic(): void {
  void shell('echo c > /proc/sysrq-trigger', 5_000).catch(() => undefined);
}

beforeAll(async () => {
  await rm(MEMORY, { force: true });
  await boot('image.yml');
  return () => machine.vm.kill();
});

describe('a machine whose kernel has not crashed', () => {
  it('knows of no crash, and what would follow one', async () => {
    await expect(machine.get('/v1/crash')).rejects.toMatchObject({ code: 'not-found' });
    expect(await shell('cat /proc/sys/kernel/panic /proc/sys/kernel/panic_on_oops')).toBe('1\n1\n');
  });

  it('starts again after a panic', async () => {
    panic();
    expect(await machine.ended()).toMatchObject({ code: 0, signal: null, timedOut: false });
    expect(machine.vm.console.text()).toMatch(PANIC);
    expect(machine.vm.console.text()).toMatch(/Rebooting in 1 seconds/);
  });
});

describe('its next boot', () => {
  beforeAll(() => boot('halt.yml'));

  it('tells on every console what it ended in', async () => {
    const text =
      "the machine's last run ended in a kernel panic: sysrq triggered crash (/run/log/pstore)";
    const events = await machine.events();
    expect(events).toContainEqual(
      expect.objectContaining<Partial<HistoryEntry>>({
        unit: 'machine',
        severity: 'warning',
        text,
      }),
    );
    expect(machine.vm.console.text()).toContain(`machine: warning: ${text}`);
  });

  it('has the last words of the kernel', async () => {
    const crash = await machine.get<CrashReport>('/v1/crash');
    expect(crash).toMatchObject({ kind: 'panic', summary: 'sysrq triggered crash' });
    expect(crash.time).toMatch(/^20\d\d-/);
    expect(crash.lines.findIndex((line) => PANIC.test(line))).toBeGreaterThan(0);
    expect(crash.lines.join('\n')).toContain('sysrq_handle_crash');
    machine.vm.sendConsole('crash\r');
    await machine.vm.console.waitFor(
      /sysrq_handle_crash[^]*last run ended in a kernel panic/,
      60_000,
    );
  });

  it('has moved them to where they can be taken from, and made room for the next', async () => {
    const files = (await shell('ls /machine/log/pstore; echo; ls /machine/pstore')).split('\n\n');
    expect(files[0]).toMatch(/^dmesg-erst-\d+/);
    expect(files[1]).toBe('');
  });

  it('stays as it is after a panic that is to halt it', async () => {
    panic();
    await machine.vm.console.waitFor(/---\[ end Kernel panic - not syncing/, 60_000);
    await delay(3_000);
    expect(machine.vm.console.text()).not.toMatch(/Rebooting in/);
    // QEMU still runs: it is we who end it.
    expect(await machine.vm.kill()).toMatchObject({ signal: 'SIGKILL' });
  });
});
