/** The component ishmael/status on a machine, seen from outside with a browser; and consoles that nobody needs yet. */
import { execFileSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import type { MachineInfo, ProcessInfo } from '../../../supervisor/control/api.ts';
import { startChromium } from '../../support/chromium.ts';
import { bootMachine, type TestMachine } from '../../support/vm-machine.ts';
import { type GuestShell, guestShell, SHELL_PORT } from '../../support/vm-shell.ts';

const PAGE_PORT = 8090;

let machine: TestMachine;
let shell: GuestShell;
let url: string;

beforeAll(async () => {
  machine = await bootMachine({
    folder: import.meta.dirname,
    ports: [SHELL_PORT, PAGE_PORT],
    serialLines: ['null'],
  });
  shell = await guestShell(machine);
  url = `http://127.0.0.1:${machine.hostPort(PAGE_PORT)}`;
  await healthy();
  return () => machine.vm.kill();
});

async function text(path: string): Promise<string> {
  const answer = await fetch(url + path, { signal: AbortSignal.timeout(20_000) });
  if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`);
  return await answer.text();
}

function healthy(): Promise<true> {
  return machine.waitFor('the status page', async () =>
    (await text('/healthz').catch(() => '')) === 'ok\n' ? true : undefined,
  );
}

describe('a quiet console', () => {
  const stateOf = async (console: string): Promise<string> => (await machine.unit(console)).state;
  const consoleProcesses = async (): Promise<number> =>
    (await shell('ps -o args')).split('\n').filter((line) => / console \/dev\//.test(line)).length;

  it('is no process until it is needed', async () => {
    const reason = 'waits for a key, or for something to be wrong';
    expect(await machine.unit('console-ttyS0')).toMatchObject({ state: 'waiting', reason });
    expect(await machine.unit('console-ttyS1')).toMatchObject({ state: 'waiting', reason });
    expect(await consoleProcesses()).toBe(0);
  });

  it('comes with the first key, and takes all that was typed', async () => {
    machine.vm.sendConsole('status web\r');
    await machine.waitFor('its answer', async () =>
      /> status web\r\n[^]*image +ishmael\/busybox\r\n[^]*\n190-status> $/.test(
        machine.vm.console.text(),
      )
        ? true
        : undefined,
    );
    expect(await stateOf('console-ttyS0')).toBe('running');
    expect(await stateOf('console-ttyS1')).toBe('waiting');
    expect(await consoleProcesses()).toBe(1);
  });
});

describe('the service', () => {
  it('has no capability and cannot give orders', async () => {
    const [process] = await machine.get<ProcessInfo[]>('/v1/services/status/processes');
    expect(process?.capabilities).toMatchObject({ effective: [], permitted: [], bounding: [] });
    expect(process?.noNewPrivileges).toBe(true);
    const root = `/proc/${process?.pid}/root`;
    expect(await shell(`ls ${root}/run/ishmael`)).toBe('read\n');
    expect(await shell(`ls ${root}/run/ishmael/read`)).toBe('control.sock\n');
    const writable = await shell(
      `grep -E ' (/|/init|/usr/lib|/run/ishmael/read) ' /proc/${process?.pid}/mounts | grep -vE ' ro,| ro '`,
    );
    expect(writable).toBe('');
  });

  it('costs little', async () => {
    const usage = await machine.get<{ memory: { currentBytes: number } }>(
      '/v1/services/status/usage',
    );
    expect(usage.memory.currentBytes).toBeLessThan(45 * 1_048_576);
  });
});

describe('the page', () => {
  it('shows the machine without JavaScript', async () => {
    const page = await text('/');
    expect(page).toMatch(/data-unit="web" data-state="running"/);
    expect(page).toContain('web is up');
    expect(page).toContain('settled');
    expect(page).toContain('Packages of ishmael/busybox');
    expect(await text('/sbom.spdx.json')).toContain('SPDX-2.3');
  });

  it('shows a service that fails within two seconds', async () => {
    const browser = await startChromium();
    try {
      const page = await browser.newPage();
      await page.goto(url);
      await page.getByText('live', { exact: true }).waitFor();
      await page.locator('tr[data-unit=fragile][data-state=running]').waitFor();
      await shell('touch /go/fail');
      // From when the machine knows of it: how soon its shell looks is not the page's doing.
      await machine.waitFor('the failure', async () =>
        (await machine.unit('fragile')).state === 'failed' ? true : undefined,
      );
      await page.locator('tr[data-unit=fragile][data-state=failed]').waitFor({ timeout: 2000 });
      await page.locator('#summary', { hasText: 'Needs attention: fragile' }).waitFor();
      await page.locator('#lines li', { hasText: 'gives up' }).waitFor({ timeout: 2000 });
    } finally {
      await browser.close();
    }
  });
});

it('a quiet console comes when something goes wrong', async () => {
  await machine.waitFor('the other console', async () =>
    (await machine.unit('console-ttyS1')).state === 'running' ? true : undefined,
  );
  expect(machine.vm.console.text()).toMatch(/fragile: warning: exit code 7\r\n/);
});

it('the metrics are in order', async () => {
  const metrics = await text('/metrics');
  expect(metrics).toContain(
    'ishmael_unit_state{unit="web",name="web",kind="service",state="running"} 1',
  );
  expect(metrics).toMatch(/^ishmael_unit_memory_bytes\{unit="web",.*\} [1-9]/m);
  expect(metrics).toMatch(/^node_network_receive_bytes_total\{device="eth0"\} [1-9]/m);
  expect(execFileSync('promtool', ['check', 'metrics'], { input: metrics, encoding: 'utf8' })).toBe(
    '',
  );
});

it('the page goes on when PID 1 is executed again', async () => {
  const before = await machine.unit('status');
  await shell('kill -SEGV 1');
  await machine.waitFor('generation 1', async () => {
    const info = await machine.get<MachineInfo>('/v1/machine');
    return info.generation === 1 ? info : undefined;
  });
  await machine.waitFor('the page', async () =>
    (await text('/').catch(() => '')).includes('executed again 1 times') ? true : undefined,
  );
  expect(await machine.unit('status')).toMatchObject({ pid: before.pid, restarts: 0 });
});
