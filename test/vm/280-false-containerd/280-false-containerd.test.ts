/** A machine whose containerd answers garbage, and then nothing: that is said, and the rest of it runs. */
import { beforeAll, expect, it } from 'vitest';
import type { UnitStatus } from '../../../supervisor/control/api.ts';
import { bootMachine, type TestMachine } from '../../support/vm-machine.ts';

let machine: TestMachine;

beforeAll(async () => {
  machine = await bootMachine({ folder: import.meta.dirname });
  return () => machine.vm.kill();
});

/** What happened to a unit, once something like `wanted` has. */
async function told(unit: string, wanted: RegExp, limitMs?: number): Promise<string> {
  const text = await machine.waitFor(
    `${unit} to tell ${wanted.source}`,
    async () => {
      const events = await machine.events();
      return events.find((event) => event.unit === unit && wanted.test(event.text))?.text;
    },
    limitMs,
  );
  return text;
}

it('boots, and runs what does not need containerd', async () => {
  expect(await machine.unit('beside')).toMatchObject({ state: 'running', restarts: 0 });
});

it('says that what answers is not containerd, and begins it anew', async () => {
  expect(await told('containerd', /version\.v1/)).toMatch(/Version/);
  await machine.waitFor('containerd to be begun again', async () =>
    (await machine.unit('containerd')).restarts >= 2 ? true : undefined,
  );
});

it('says so of the service that needs it, and tries again', async () => {
  expect(await told('under', /Version/)).toContain('containerd.services.version.v1.Version');
  const under = await machine.unit('under');
  expect(under.restarts).toBeGreaterThan(0);
  expect(under.pid).toBeUndefined();
});

it('gives up on one that does not answer', async () => {
  expect(await told('under', /no answer within/, 180_000)).toContain('60000 ms');
  const { state, restarts }: UnitStatus = await machine.unit('beside');
  expect({ state, restarts }).toEqual({ state: 'running', restarts: 0 });
});
