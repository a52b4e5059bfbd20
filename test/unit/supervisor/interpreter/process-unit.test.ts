import { closeSync, fstatSync, openSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { SysError } from '../../../../sys/errno.ts';
import type { LaunchReport } from '../../../../supervisor/interpreter/launcher.ts';
import { type Program, processLauncher } from '../../../../supervisor/interpreter/process-unit.ts';
import { FakeSys } from '../../../support/fake-sys.ts';

/** No cgroup of this name is on any machine: to move a process there fails with ENOENT. */
const CGROUP = '/no-such-cgroup-of-a-test';
const never = new AbortController().signal;
const ORDER = { kill: never, abandon: never };
const PROGRAM: Program = { file: '/init', args: ['console'] };

function setUp(spawn: () => Promise<number>, program: Program = PROGRAM) {
  const warnings: string[] = [];
  const told: string[] = [];
  const report: LaunchReport = {
    held: (what) => told.push(`held for ${what}`),
    step: (pid) => told.push(`step ${pid}`),
    stepEnded: () => told.push('step ended'),
    ready: () => told.push('ready'),
    created: (pid) => told.push(`created ${pid}`),
    exited: ({ kind }) => told.push(kind),
  };
  const sys = new FakeSys();
  const launcher = processLauncher(
    {
      sys,
      spawner: { spawn },
      cgroupsPath: CGROUP,
      warn: (text) => warnings.push(text),
    },
    program,
  );
  return {
    launch: () => launcher.launch(report, ORDER),
    launcher,
    sys,
    warnings,
    told,
  };
}

it('a process that cannot be moved to its cgroup goes on outside, with a warning', async () => {
  const { launch, warnings, told } = setUp(() => Promise.resolve(71));
  await launch();
  expect(told).toEqual(['created 71']);
  expect(warnings).toEqual([expect.stringMatching(/^runs without its limits: .*ENOENT/)]);
});

it.each(['ENOENT', 'EACCES', 'EMFILE', 'EAGAIN', 'ENOMEM', 'ETXTBSY'])(
  'a process that cannot be started (%s) is a failed launch with stage and errno',
  async (code) => {
    const { launch, told } = setUp(() => Promise.reject(new SysError('spawn', code, '/init')));
    await expect(launch()).rejects.toMatchObject({
      name: 'LaunchError',
      stage: 'spawn',
      message: expect.stringContaining(code) as string,
    });
    expect(told).toEqual([]);
  },
);

it.each([true, false])('the input that a launch got is closed (it works: %s)', async (works) => {
  const fd = openSync('/dev/null', 'r');
  const arrive = (): Promise<number> => Promise.resolve(fd);
  const { launch, told } = setUp(
    () => (works ? Promise.resolve(71) : Promise.reject(new SysError('spawn', 'EAGAIN', '/init'))),
    { ...PROGRAM, input: { heldFor: 'the host to connect', arrive } },
  );
  await launch().catch(() => undefined);
  expect(told[0]).toBe('held for the host to connect');
  try {
    expect(() => fstatSync(fd)).toThrow('EBADF');
  } catch (error) {
    closeSync(fd);
    throw error;
  }
});

it('an input that never comes because of an error is a failed launch', async () => {
  const arrive = (): Promise<number> => Promise.reject(new SysError('open', 'ENXIO', '/dev/vport'));
  const { launch } = setUp(() => Promise.resolve(71), {
    ...PROGRAM,
    input: { heldFor: 'the host', arrive },
  });
  await expect(launch()).rejects.toMatchObject({ stage: 'spawn' });
});

it('a process whose device is missing is held until it appears, and is not held otherwise', async () => {
  let isThere = false;
  let appear = (): void => {};
  const needs = {
    heldFor: '/dev/ttyUSB0 to appear',
    isThere: () => isThere,
    come: () => new Promise<void>((resolve) => (appear = resolve)),
  };
  const { launch, told } = setUp(() => Promise.resolve(71), { ...PROGRAM, needs });
  const launched = launch();
  await Promise.resolve();
  expect(told).toEqual(['held for /dev/ttyUSB0 to appear']);
  isThere = true;
  appear();
  await launched;
  await launch();
  expect(told).toEqual(['held for /dev/ttyUSB0 to appear', 'created 71', 'created 71']);
});

it('a process that has to answer first runs only then, and has outputs until it has them', async () => {
  const [stdout, stderr] = [openSync('/dev/null', 'w'), openSync('/dev/null', 'w')];
  let answer = (): void => {};
  const answers = {
    heldFor: 'containerd to answer',
    come: () => new Promise<void>((resolve) => (answer = resolve)),
  };
  const { launch, told } = setUp(() => Promise.resolve(71), {
    ...PROGRAM,
    answers,
    openOutputs: async () => Promise.resolve({ stdout, stderr }),
  });
  let isRunning = false;
  const launched = launch().then(() => (isRunning = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect([told, isRunning]).toEqual([['created 71', 'held for containerd to answer'], false]);
  answer();
  await launched;
  await vi.waitFor(() => {
    expect(() => fstatSync(stdout)).toThrow('EBADF');
    expect(() => fstatSync(stderr)).toThrow('EBADF');
  });
});

it('a process that does not answer is killed, and its end is what is told', async () => {
  const come = (): Promise<void> => Promise.reject(new Error('no answer within 1 s'));
  const { launch, warnings, sys } = setUp(() => Promise.resolve(71), {
    ...PROGRAM,
    answers: { heldFor: 'x', come },
  });
  await launch();
  expect(warnings).toContain('is killed: no answer within 1 s');
  expect(sys.calls).toContainEqual(expect.objectContaining({ name: 'kill', args: [71, 9] }));
});
