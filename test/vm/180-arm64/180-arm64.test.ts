/** An image for arm64, built and emulated on this host. */
import { beforeAll, expect, it } from 'vitest';
import type { MachineInfo } from '../../../supervisor/control/api.ts';
import { bootMachine, type TestMachine } from '../../support/vm-machine.ts';
import { guestShell, SHELL_PORT } from '../../support/vm-shell.ts';

/** Without a code cache, on an emulated processor: a start of PID 1 takes long. */
const BOOT_MS = 240_000;

let machine: TestMachine;

beforeAll(async () => {
  machine = await bootMachine({
    folder: import.meta.dirname,
    arch: 'arm64',
    ports: [SHELL_PORT],
    caseLimitMs: 400_000,
    bootLimitMs: BOOT_MS,
  });
  return () => machine.vm.kill();
}, BOOT_MS + 300_000);

it('runs programs of its architecture', async () => {
  const lines = (await machine.logs('000-network')).map(({ text }) => text);
  expect(lines).toContain('aarch64');
  expect(await machine.unit('shell')).toMatchObject({ state: 'running', restarts: 0 });
});

it('goes on in the next generation when PID 1 has crashed', async () => {
  const before = await machine.unit('shell');
  const shell = await guestShell(machine);
  await shell('kill -SEGV 1');
  const after = await machine.waitFor(
    'generation 1',
    async () => {
      const info = await machine.get<MachineInfo>('/v1/machine');
      return info.generation === 1 ? info : undefined;
    },
    120_000,
  );
  expect(after).toMatchObject({ generation: 1, architecture: 'arm64' });
  expect((await machine.unit('shell')).pid).toBe(before.pid);
});
