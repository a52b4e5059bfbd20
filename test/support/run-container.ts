/**
 * A program, not a library: runs one container as PID 1 would and prints what became of it as JSON.
 * Started by runInNamespaces() inside mount and pid namespaces of its own, in which it is PID 1, mounts
 * a fresh /run, makes / shared and puts cgroup2 on /sys/fs/cgroup, as in the machine. Nothing of that is
 * visible outside; the containers' cgroups are, and are removed.
 */
import { spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, readlinkSync } from 'node:fs';
import { constants } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { BundleError, prepareBundle, removeBundle } from '../../runc-shim/bundle.ts';
import type { ContainerSpec } from '../../runc-shim/oci/container-spec.ts';
import { createRuncClient } from '../../runc-shim/runc/client.ts';
import { type ContainerEnd, type ContainerRuntime, RuntimeError } from '../../runc-shim/runtime.ts';
import { attachSteps, RuntimeStepError } from '../../runc-shim/runtime-steps.ts';
import type { Exit } from '../../sys/exit.ts';
import { createLinuxSys } from '../../sys/linux/linux-sys.ts';
import type { ProcessRunner, RunOptions, RunResult } from '../../sys/process-runner.ts';
import { shimsGone, testContainerd } from './containerd.ts';
import { allowedHere, leftovers, prepareMachine, removeCgroup } from './native-machine.ts';

export interface ContainerRequest {
  /** Absolute path of the runtime's program. */
  readonly binary: string;
  readonly container: ContainerSpec;
  /** Through containerd, which calls `binary`. */
  readonly isUnderContainerd?: boolean;
  /** The parent cgroup to make for it, below the cgroup2 mount, such as `/test-17`. */
  readonly cgroup: string;
  /** How often to run it, one bundle after the other under the same id. */
  readonly times: number;
  /** Sent to the container once it writes its first output. */
  readonly signal?: number;
}

export interface ContainerReport {
  readonly outcomes: readonly ContainerOutcome[];
  /** Mount points of bundles and entries of the bundle and log directories, after everything. */
  readonly leftovers: readonly string[];
  /** The namespaces of the program that started the container, such as `net:[4026531840]`. */
  readonly cgroupNamespace: string;
  readonly netNamespace: string;
}

export type ContainerOutcome =
  | {
      readonly kind: 'ended';
      readonly exit: ContainerEnd;
      readonly stdout: string;
      readonly stderr: string;
    }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string };

const OUT = '/run/out';
const ERR = '/run/err';
const sys = createLinuxSys();
const runner: ProcessRunner = { run };

if (process.pid !== 1) {
  process.stderr.write('run-container: only for PID 1 of its own namespaces\n');
  process.exitCode = 2;
} else {
  const request = JSON.parse(process.argv[2] ?? '') as ContainerRequest;
  const cgroup = `/sys/fs/cgroup${request.cgroup}`;
  prepareMachine(sys);
  mkdirSync(cgroup);
  try {
    process.stdout.write(JSON.stringify(await report(request)));
  } finally {
    if (request.isUnderContainerd === true) await shimsGone(request.cgroup);
    removeCgroup(cgroup);
  }
  // With containerd, where there is one.
  process.exit();
}

async function report(request: ContainerRequest): Promise<ContainerReport> {
  const outcomes: ContainerOutcome[] = [];
  const runtime = runtimeOf(request);
  for (let round = 0; round < request.times; round += 1) {
    outcomes.push(await runOnce(runtime, request));
  }
  return {
    outcomes,
    leftovers: leftovers(),
    cgroupNamespace: namespaceOf('cgroup'),
    netNamespace: namespaceOf('net'),
  };
}

function runtimeOf({ binary, cgroup, isUnderContainerd }: ContainerRequest): ContainerRuntime {
  if (isUnderContainerd !== true) return allowedHere(createRuncClient({ binary, runner, sys }));
  const { begin, runtime } = testContainerd({ binary, cgroup }, { runner, sys });
  begin();
  return runtime;
}

async function runOnce(
  runtime: ContainerRuntime,
  request: ContainerRequest,
): Promise<ContainerOutcome> {
  const { container, signal } = request;
  const id = container.name;
  const [stdout, stderr] = [openSync(OUT, 'w'), openSync(ERR, 'w')];
  try {
    const cgroupsPath = `${request.cgroup}/${id}`;
    const bundle = prepareBundle(sys, { id, container, cgroupsPath });
    const paths = { stdout: OUT, stderr: ERR };
    const { pid } = await runtime.create(id, bundle, { stdout, stderr, paths });
    attachSteps(sys, container.runtime ?? {}, pid);
    await runtime.start(id);
    if (signal !== undefined) {
      while (readFileSync(OUT).length === 0) await delay(10);
      await runtime.kill(id, signal);
    }
    const exit = await endOf(runtime, id, pid);
    return {
      kind: 'ended',
      exit,
      stdout: readFileSync(OUT, 'utf8'),
      stderr: readFileSync(ERR, 'utf8'),
    };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { kind: 'refused', code: error.code, message: error.message };
  } finally {
    closeSync(stdout);
    closeSync(stderr);
    await runtime.remove(id);
    removeBundle(sys, id);
  }
}

function isRefusal(error: unknown): error is RuntimeError | BundleError | RuntimeStepError {
  return (
    error instanceof RuntimeError ||
    error instanceof BundleError ||
    error instanceof RuntimeStepError
  );
}

async function run(
  file: string,
  args: readonly string[],
  { stdout, stderr, timeoutMs }: RunOptions = {},
): Promise<RunResult> {
  if (stdout === 'capture' || stderr === 'capture')
    throw new TypeError('Captures are not for here');
  const stdio: StdioOptions = ['ignore', stdout ?? 'ignore', stderr ?? 'ignore'];
  const child = spawn(file, args, { stdio, timeout: timeoutMs, killSignal: 'SIGKILL' });
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  const exit: Exit =
    code === null
      ? { kind: 'signaled', signal: signal === null ? 0 : constants.signals[signal], core: false }
      : { kind: 'exited', code };
  return { exit, timedOut: child.killed, stdout: '', stderr: '' };
}

async function endOf(runtime: ContainerRuntime, id: string, pid: number): Promise<ContainerEnd> {
  if (runtime.watch === undefined) return collect(pid);
  return new Promise((resolve) => runtime.watch?.(id, pid, resolve));
}

/** The container is an orphan of `create`, so its end comes to us, the PID 1 of this namespace. */
async function collect(pid: number): Promise<Exit> {
  for (;;) {
    const ended = sys.peekExited();
    if (ended !== undefined) {
      const exit = sys.collectExited(ended);
      if (ended === pid) return exit;
    }
    await delay(10);
  }
}

function namespaceOf(type: string): string {
  return readlinkSync(`/proc/self/ns/${type}`);
}
