import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRuncClient } from '../../../../runc-shim/runc/client.ts';
import type { ContainerRuntime } from '../../../../runc-shim/runtime.ts';
import type { RunOptions, RunResult } from '../../../../sys/process-runner.ts';
import { FakeSys } from '../../../support/fake-sys.ts';

const OK: RunResult = {
  exit: { kind: 'exited', code: 0 },
  timedOut: false,
  stdout: '',
  stderr: '',
};
const FAILED: RunResult = { ...OK, exit: { kind: 'exited', code: 1 } };

interface RecordedRun {
  readonly file: string;
  readonly args: readonly string[];
  readonly options: RunOptions;
}

let dir = '';
let runs: RecordedRun[] = [];
let runtime: ContainerRuntime;
/** What the runtime's program does: files it leaves, and how it ends. */
let program: () => RunResult = () => OK;

const logFile = (): string => join(dir, 'log', 'a.json');
const logs = (level: string, msg: string): void => {
  mkdirSync(join(dir, 'log'), { recursive: true });
  writeFileSync(logFile(), `${JSON.stringify({ level, msg })}\n`, { flag: 'a' });
};

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'runc-client-'));
  runs = [];
  program = () => OK;
  runtime = createRuncClient({
    binary: '/usr/bin/runc',
    sys: new FakeSys(),
    stateDir: join(dir, 'state'),
    logDir: join(dir, 'log'),
    timeoutsMs: { start: 7 },
    runner: {
      run: async (file, args, options = {}) => {
        runs.push({ file, args, options });
        return await Promise.resolve(program());
      },
    },
  });
});

afterEach(() => {
  rmSync(dir, { recursive: true });
});

const create = async (): Promise<{ readonly pid: number }> =>
  await runtime.create('a', dir, { stdout: 11, stderr: 12 });

async function createWithState(id: string): Promise<{ readonly pid: number }> {
  program = () => {
    mkdirSync(join(dir, 'state', id), { recursive: true });
    writeFileSync(join(dir, 'pid'), '71');
    logs('warning', 'anything');
    return OK;
  };
  return await create();
}

describe('create()', () => {
  test('hands the descriptors to the container and returns the pid of the pid file', async () => {
    program = () => {
      writeFileSync(join(dir, 'pid'), '4711');
      return OK;
    };
    await expect(create()).resolves.toEqual({ pid: 4711 });
    expect(runs).toHaveLength(1);
    expect(runs[0]).toMatchObject({
      file: '/usr/bin/runc',
      options: { stdout: 11, stderr: 12, timeoutMs: 60_000 },
    });
    expect(runs[0]?.args).toContain(logFile());
  });

  test('hands over a further descriptor under its number, with /dev/null before it', async () => {
    let targets: string[] = [];
    program = () => {
      const fds = runs.at(-1)?.options.extraFds ?? [];
      targets = fds.map((fd) => (fd === 13 ? '13' : readlinkSync(`/proc/self/fd/${fd}`)));
      writeFileSync(join(dir, 'pid'), '4711');
      return OK;
    };
    const before = readdirSync('/proc/self/fd').length;
    await runtime.create('a', dir, { stdout: 11, stderr: 12, extra: { as: 5, fd: 13 } });
    expect(targets).toEqual(['/dev/null', '/dev/null', '13']);
    expect(runs[0]?.args.slice(-3)).toEqual(['--preserve-fds', '3', 'a']);
    expect(readdirSync('/proc/self/fd')).toHaveLength(before);
  });

  test("fails with the runtime's own words", async () => {
    program = () => {
      logs('error', 'exec: "/nothing": no such file or directory');
      return FAILED;
    };
    await expect(create()).rejects.toMatchObject({
      code: 'create-failed',
      stage: 'create',
      message: 'exec: "/nothing": no such file or directory',
    });
  });

  test('does not explain a failure by the error of an earlier one', async () => {
    program = () => {
      logs('error', 'first');
      return FAILED;
    };
    await expect(create()).rejects.toMatchObject({ message: 'first' });
    program = () => ({ ...OK, exit: { kind: 'signaled', signal: 9, core: false } });
    await expect(create()).rejects.toMatchObject({ message: 'runc create: killed by SIGKILL' });
  });

  test.each(['', '0', '1', '-5', 'x', '1.5'])('fails for the pid file %j', async (text) => {
    program = () => {
      writeFileSync(join(dir, 'pid'), text);
      return OK;
    };
    await expect(create()).rejects.toMatchObject({ code: 'create-failed' });
  });

  test('fails without a pid file', async () => {
    await expect(create()).rejects.toMatchObject({ code: 'create-failed', stage: 'create' });
  });

  test('says that the runtime cannot be executed, with the errno', async () => {
    program = () => {
      throw Object.assign(new Error('spawn'), { code: 'ENOENT' });
    };
    await expect(create()).rejects.toMatchObject({
      code: 'not-executable',
      message: 'Cannot execute /usr/bin/runc: ENOENT',
    });
  });
});

describe('start(), kill() and remove()', () => {
  test('end quietly when the runtime exits with 0', async () => {
    await runtime.start('a');
    await runtime.kill('a', 9);
    await runtime.remove('a');
    expect(runs.map(({ args }) => args.slice(6))).toEqual([
      ['start', 'a'],
      ['kill', 'a', '9'],
      ['delete', '--force', 'a'],
    ]);
  });

  test('start() reports a timeout and what the runtime said last', async () => {
    program = () => {
      logs('warning', 'waiting');
      return { ...OK, exit: { kind: 'signaled', signal: 9, core: false }, timedOut: true };
    };
    await expect(runtime.start('a')).rejects.toMatchObject({
      code: 'timed-out',
      message: 'runc start gave no answer within 7 ms and was killed; last: waiting',
    });
    expect(runs[0]?.options.timeoutMs).toBe(7);
  });

  test('start() that its caller has given up says so', async () => {
    const abort = new AbortController();
    program = () => {
      abort.abort();
      return { ...OK, exit: { kind: 'signaled', signal: 9, core: false } };
    };
    await expect(runtime.start('a', abort.signal)).rejects.toMatchObject({
      code: 'timed-out',
      message: 'runc start gave no answer in the time it was given and was killed',
    });
    expect(runs[0]?.options.signal).toBe(abort.signal);
  });

  test('kill() tells a missing container from a refused signal', async () => {
    program = () => FAILED;
    await expect(runtime.kill('a', 9)).rejects.toMatchObject({ code: 'not-found', stage: 'kill' });
    mkdirSync(join(dir, 'state', 'a'), { recursive: true });
    await expect(runtime.kill('a', 9)).rejects.toMatchObject({ code: 'kill-failed' });
  });

  test('remove() of a container that was never created is success, whatever the runtime says', async () => {
    program = () => FAILED;
    await expect(runtime.remove('a')).resolves.toBeUndefined();
    program = () => {
      logs('error', 'container does not exist');
      return FAILED;
    };
    await expect(runtime.remove('a')).resolves.toBeUndefined();
    expect(runs.map(({ args }) => args.slice(6, 8))).toEqual([
      ['delete', '--force'],
      ['delete', '--force'],
    ]);
    expect(existsSync(logFile())).toBe(false);
  });

  test('remove() fails for a container that is still there, and for a runtime that cannot run', async () => {
    mkdirSync(join(dir, 'state', 'a'), { recursive: true });
    program = () => {
      logs('error', 'device or resource busy');
      return FAILED;
    };
    await expect(runtime.remove('a')).rejects.toMatchObject({
      code: 'remove-failed',
      message: 'device or resource busy',
    });
    rmSync(join(dir, 'state', 'a'), { recursive: true });
    program = () => {
      throw Object.assign(new Error('spawn'), { code: 'EMFILE' });
    };
    await expect(runtime.remove('a')).rejects.toMatchObject({ code: 'not-executable' });
  });

  test('forget() removes the files of one container and runs nothing', async () => {
    const { pid } = await createWithState('a');
    expect(pid).toBe(71);
    mkdirSync(join(dir, 'state', 'b'), { recursive: true });
    runs = [];
    runtime.forget?.('a');
    runtime.forget?.('never-was');
    expect(readdirSync(join(dir, 'state'))).toEqual(['b']);
    expect(existsSync(logFile())).toBe(false);
    expect(runs).toEqual([]);
  });

  test('remove() leaves no log behind', async () => {
    logs('warning', 'anything');
    await runtime.remove('a');
    expect(existsSync(logFile())).toBe(false);
  });
});
