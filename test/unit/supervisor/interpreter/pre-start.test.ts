import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { ContainerProcess } from '../../../../supervisor/interpreter/container-process.ts';
import { LaunchError } from '../../../../supervisor/interpreter/launcher.ts';
import { runPreStart } from '../../../../supervisor/interpreter/pre-start.ts';
import type { RunEnd } from '../../../../supervisor/service/state.ts';

const ORDER = { kill: new AbortController().signal, abandon: new AbortController().signal };
const OK: RunEnd = { kind: 'exited', code: 0 };

/** Runs these commands with processes that end as `ends` says; what happens is in `told`, in order. */
function play(commands: readonly (readonly string[])[], ends: readonly RunEnd[], failing?: string) {
  const told: string[] = [];
  const coming = [...ends];
  let pid = 100;
  const act = (what: string): Promise<void> => {
    told.push(what);
    return what === failing ? Promise.reject(new LaunchError(what, 'no')) : Promise.resolve();
  };
  const process: Pick<ContainerProcess, 'create' | 'start' | 'watch' | 'remove'> = {
    create: async (bundle) => {
      await act(`create in ${bundle}`);
      return (pid += 1);
    },
    start: () => act('start'),
    watch(_pid, onEnd) {
      void nextTurn().then(() => onEnd(coming.shift() ?? OK));
      return false;
    },
    remove: () => act('remove'),
  };
  const report = {
    step: (of: number, step: string) => told.push(`${of}: ${step}`),
    stepEnded: () => told.push('ended'),
  };
  const bundleOf = (args: readonly string[]): string => args.join(' ');
  const steps = { commands, bundleOf };
  const result = runPreStart(process as ContainerProcess, steps, report, ORDER);
  return { told, result };
}

it('runPreStart() runs one after another, each removed before the next is made', async () => {
  const { told, result } = play([['/bin/a', '-v'], ['/usr/bin/b']], [OK, OK]);
  await result;
  const around = (n: number, name: string): string[] => [
    `${100 + n}: preStart ${n} of 2 (${name})`,
    'start',
    'ended',
    'remove',
  ];
  expect(told).toEqual([
    'create in /bin/a -v',
    ...around(1, 'a'),
    'create in /usr/bin/b',
    ...around(2, 'b'),
  ]);
});

it.each<[RunEnd, string]>([
  [{ kind: 'exited', code: 3 }, 'preStart 1 of 2 (a): exit code 3'],
  [{ kind: 'signaled', signal: 9, core: false }, 'preStart 1 of 2 (a): killed by SIGKILL'],
  [{ kind: 'oom-killed' }, 'preStart 1 of 2 (a): killed for want of memory (OOM)'],
])('runPreStart() ends the launch at the first that fails: %o', async (end, message) => {
  const { told, result } = play([['/a'], ['/b']], [end]);
  await expect(result).rejects.toMatchObject({ stage: 'preStart', message });
  expect(told.at(-1)).toBe('remove');
  expect(told).not.toContain('create in /b');
});

it.each(['create in /a', 'start', 'remove'])('runPreStart() fails with %s', async (failing) => {
  const { told, result } = play([['/a'], ['/b']], [OK], failing);
  await expect(result).rejects.toMatchObject({ stage: failing });
  expect(told).not.toContain('create in /b');
});

it('runPreStart() fails when the bundle cannot be made', async () => {
  const process = {} as ContainerProcess;
  const bundleOf = (): never => {
    throw new Error('ENOSPC');
  };
  const report = { step: () => undefined, stepEnded: () => undefined };
  const result = runPreStart(process, { commands: [['/a']], bundleOf }, report, ORDER);
  await expect(result).rejects.toMatchObject({ stage: 'bundle', message: 'ENOSPC' });
});

it('runPreStart() calls a line for the shell by its beginning', async () => {
  const line = 'test -e /data/ready || /usr/bin/db-init --with-all /data';
  const { told, result } = play([['/bin/sh', '-c', line]], [OK]);
  await result;
  expect(told[1]).toBe('101: preStart 1 of 1 (test -e /data/ready || /usr/bin/db-init …)');
});
