/** Many services under containerd are started beside one another: none waits until another is ready. */
import { beforeAll, expect, it } from 'vitest';
import type { UnitStatus } from '../../../supervisor/control/api.ts';
import { bootMachine, type TestMachine } from '../../support/vm-machine.ts';

/** Of each, until it is ready. */
const READY_MS = 60_000;

let machine: TestMachine;

beforeAll(async () => {
  machine = await bootMachine({ folder: import.meta.dirname });
  return () => machine.vm.kill();
});

it('starts twenty services in less time than three of them take', async () => {
  const units = await machine.get<readonly UnitStatus[]>('/v1/services');
  const services = units.filter(({ kind }) => kind === 'service');
  expect(services).toHaveLength(20);
  expect(services.map(({ state }) => state)).toEqual(services.map(() => 'running'));
  const events = await machine.events();
  const times = (text: RegExp): number[] =>
    events
      .filter(({ unit, text: said }) => /^s\d\d$/u.test(unit) && text.test(said))
      .map(({ atMs }) => atMs);
  const [begun, ready] = [times(/^running/u), times(/^ready/u)];
  expect([begun.length, ready.length]).toEqual([20, 20]);
  expect(Math.max(...ready) - Math.min(...begun)).toBeLessThan(3 * READY_MS);
});
