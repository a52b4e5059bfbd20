import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { processSpec } from '../../../../runc-shim/oci/generate.ts';
import { createExec } from '../../../../runc-shim/runc/exec.ts';
import type { ExecResult } from '../../../../runc-shim/runtime.ts';
import type { RunOptions, RunResult } from '../../../../sys/process-runner.ts';
import { containerSpec } from '../../../support/container-specs.ts';
import { FakeSys } from '../../../support/fake-sys.ts';

const OK: RunResult = {
  exit: { kind: 'exited', code: 0 },
  timedOut: false,
  stdout: '',
  stderr: '',
};
const KILLED: RunResult = { ...OK, exit: { kind: 'signaled', signal: 9, core: false } };

let dir = '';
let sys: FakeSys;
/** What the runtime does, given the path after an option and the signal that ends it by force. */
let runtime: (path: (option: string) => string, signal: AbortSignal) => Promise<RunResult>;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'exec-'));
  sys = new FakeSys();
});

afterEach(() => {
  vi.useRealTimers();
  expect(readdirSync(join(dir, 'exec'))).toEqual([]);
  rmSync(dir, { recursive: true });
});

function exec(timeoutMs = 1_000): Promise<ExecResult> {
  const run = (
    _file: string,
    args: readonly string[],
    options: RunOptions = {},
  ): Promise<RunResult> =>
    runtime(
      (option) => args[args.indexOf(option) + 1] ?? '',
      options.signal ?? AbortSignal.abort(),
    );
  const command = processSpec(containerSpec({ args: ['/bin/ok'] }));
  const context = { binary: '/usr/bin/runc', runner: { run }, sys, root: '/r' };
  return createExec({ ...context, execDir: join(dir, 'exec') })('a', command, timeoutMs);
}

describe('exec()', () => {
  test('gives the whole process to the runtime, and its exit and both outputs back', async () => {
    let given = '';
    runtime = (path) => {
      given = readFileSync(path('--process'), 'utf8');
      return Promise.resolve({
        ...OK,
        exit: { kind: 'exited', code: 3 },
        stdout: 'a',
        stderr: 'b',
      });
    };
    expect(await exec()).toEqual({
      exit: { kind: 'exited', code: 3 },
      timedOut: false,
      output: 'ab',
    });
    expect(JSON.parse(given)).toMatchObject({
      args: ['/bin/ok'],
      cwd: '/',
      noNewPrivileges: false,
    });
  });

  test('keeps the last 4096 bytes and no half character', async () => {
    runtime = () => Promise.resolve({ ...OK, stdout: `x${'ä'.repeat(3000)}` });
    expect((await exec()).output).toBe('ä'.repeat(2048));
    runtime = () => Promise.resolve({ ...OK, stdout: `x${'ä'.repeat(3000)}y` });
    expect((await exec()).output).toBe(`${'ä'.repeat(2047)}y`);
  });

  test("tells the runtime's refusal from the command's failure by the runtime's log", async () => {
    runtime = (path) => {
      writeFileSync(path('--log'), '{"level":"error","msg":"exec: no such file"}\n');
      return Promise.resolve({ ...OK, exit: { kind: 'exited', code: 255 } });
    };
    await expect(exec()).rejects.toMatchObject({
      code: 'exec-failed',
      message: 'exec: no such file',
    });
  });

  test('takes a warning in the log of a command that succeeded for what it is', async () => {
    runtime = (path) => {
      writeFileSync(path('--log'), '{"level":"warning","msg":"hm"}\n');
      return Promise.resolve(OK);
    };
    expect((await exec()).exit).toEqual({ kind: 'exited', code: 0 });
  });

  test('takes a runtime that was killed for no answer of the command', async () => {
    runtime = () => Promise.resolve(KILLED);
    await expect(exec()).rejects.toMatchObject({
      code: 'exec-failed',
      message: 'runc exec: killed by SIGKILL',
    });
  });

  test('says that the runtime cannot be executed', async () => {
    runtime = () => Promise.reject(Object.assign(new Error('spawn'), { code: 'EMFILE' }));
    await expect(exec()).rejects.toMatchObject({ code: 'not-executable', stage: 'exec' });
  });

  test('kills the command with its group after its time, and the runtime only if it stays', async () => {
    vi.useFakeTimers();
    let aborted = false;
    runtime = (path, signal) => {
      writeFileSync(path('--pid-file'), '4711');
      return new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          aborted = true;
          resolve({ ...KILLED, stdout: 'so far' });
        });
      });
    };
    const result = exec(1_000);
    await vi.advanceTimersByTimeAsync(999);
    expect(sys.calls).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(sys.calls).toEqual([
      { name: 'killGroupOf', args: [4711, 9] },
      { name: 'kill', args: [4711, 9] },
    ]);
    expect(aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await result).toMatchObject({ timedOut: true, output: 'so far' });
    expect(vi.getTimerCount()).toBe(0);
  });

  test.each(['', '0', '1', 'x'])('ends the runtime when its pid file says %j', async (pid) => {
    vi.useFakeTimers();
    runtime = (path, signal) => {
      writeFileSync(path('--pid-file'), pid);
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve(KILLED)));
    };
    const result = exec(1_000);
    await vi.advanceTimersByTimeAsync(1_001);
    expect(await result).toMatchObject({ timedOut: true });
    expect(sys.calls).toEqual([]);
  });

  test('goes on when the group cannot be killed', async () => {
    vi.useFakeTimers();
    sys.failNext('killGroupOf', 'ESRCH');
    sys.failNext('kill', 'ESRCH');
    runtime = (path, signal) => {
      writeFileSync(path('--pid-file'), '4711');
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve(KILLED)));
    };
    const result = exec(1_000);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await result).toMatchObject({ timedOut: true });
  });

  test('ends and removes what an earlier generation of PID 1 was asking', async () => {
    const [left, strange] = [join(dir, 'exec/left'), join(dir, 'exec/strange')];
    mkdirSync(left, { recursive: true });
    mkdirSync(strange);
    // As the runtime does: it knows the file, and its child is named there. Nobody knows the other one.
    const script = 'sleep 100 & echo $! > "$1"; echo up; wait';
    const stand = spawn('/bin/sh', ['-c', script, 'sh', join(left, 'pid')], { detached: true });
    await once(stand.stdout, 'data');
    const pid = Number(readFileSync(join(left, 'pid'), 'utf8'));
    writeFileSync(join(strange, 'pid'), String(process.pid));
    runtime = () => Promise.resolve(OK);
    await exec();
    process.kill(-(stand.pid ?? 0), 'SIGKILL');
    expect(sys.argsOf('killGroupOf')).toEqual([[pid, 9]]);
  });
});
