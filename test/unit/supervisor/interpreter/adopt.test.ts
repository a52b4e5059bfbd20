import { expect, it } from 'vitest';
import type { ContainerRuntime } from '../../../../runc-shim/runtime.ts';
import { containerLauncher } from '../../../../supervisor/interpreter/container-unit.ts';
import type { UnitLog } from '../../../../supervisor/log/unit-log.ts';
import type { RunEnd } from '../../../../supervisor/service/state.ts';
import type { Exit } from '../../../../sys/exit.ts';
import { containerSpec } from '../../../support/container-specs.ts';
import { FakeSys } from '../../../support/fake-sys.ts';

/** Adopts process 87, which is gone, and returns what is reported of it; `known` is how it has ended. */
function adoptDead(known: Exit | undefined): RunEnd[] {
  const sys = new FakeSys();
  sys.failNext('kill', 'ESRCH');
  const ends: RunEnd[] = [];
  const launcher = containerLauncher(
    {
      sys,
      runtime: {} as ContainerRuntime,
      watch(_pid, onExit) {
        if (known !== undefined) onExit(known);
        return known !== undefined;
      },
      limit: (work) => work(),
      limitExec: (work) => work(),
      devicesReady: Promise.resolve(),
      warn: () => undefined,
    },
    {
      id: 'a',
      container: containerSpec(),
      cgroupsPath: '/services/a',
      log: {} as UnitLog,
      leftovers: true,
    },
  );
  launcher.adopt(87, { exited: (end) => ends.push(end), ready: () => undefined });
  return ends;
}

it('adopt() reports how a container has ended that was collected before it was adopted', () => {
  const exit = { kind: 'exited', code: 7 } as const;
  expect(adoptDead(exit)).toEqual([exit]);
});

it('adopt() reports one as lost of which nobody knows how it has ended', () => {
  expect(adoptDead(undefined)).toEqual([{ kind: 'lost' }]);
});
