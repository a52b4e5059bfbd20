/** A machine with too little memory for its initrd says so, with numbers, and runs nothing of what arrived. */
import { beforeAll, expect, it } from 'vitest';
import type { UnitStatus } from '../../../supervisor/control/api.ts';
import { bootMachine, type TestMachine } from '../../support/vm-machine.ts';

let machine: TestMachine;

beforeAll(async () => {
  machine = await bootMachine({ folder: import.meta.dirname, memoryMiB: 384 });
  return () => machine.vm.kill();
});

it('runs none of its tasks and services', async () => {
  const units = await machine.get<readonly UnitStatus[]>('/v1/services');
  expect(units.filter(({ kind }) => kind !== 'system')).toEqual([]);
});

it('says what is missing, and what it would need', async () => {
  const events = await machine.events();
  const [problem] = events.filter(({ text }) => text.includes('the root is not whole'));
  const [, found, wanted, needs] =
    /: (\d+) of (\d+) files, .* needs a machine with (\d+) MiB/.exec(problem?.text ?? '') ?? [];
  expect(problem?.severity).toBe('error');
  expect(Number(found)).toBeLessThan(Number(wanted));
  expect(Number(found)).toBeGreaterThan(0);
  expect(Number(needs)).toBeGreaterThan(384);
});

it('says it on the console, too', async () => {
  await machine.vm.console.waitFor(/the root is not whole: \d+ of \d+ files/, 60_000);
});
