/**
 * A program, not a library: one container that waits, and the control API's exec into it as PID 1 offers it,
 * with the helper of the real program; the scripted sessions' tales as JSON. Started as run-container.ts is.
 */
import { mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createProcessRunner, createProcessSpawner } from '../../init/child-processes.ts';
import { createExecs } from '../../init/exec-sessions.ts';
import { startReaper } from '../../init/reaper.ts';
import { prepareBundle, removeBundle } from '../../runc-shim/bundle.ts';
import type { ContainerSpec } from '../../runc-shim/oci/container-spec.ts';
import { DEFAULT_NAMESPACE, SHIM_STATE } from '../../runc-shim/containerd/runtime.ts';
import { createRuncClient, RUNTIME_STATE } from '../../runc-shim/runc/client.ts';
import type { ContainerRuntime } from '../../runc-shim/runtime.ts';
import { errorMessage } from '../../sys/errno.ts';
import { createLinuxSys } from '../../sys/linux/linux-sys.ts';
import type { ProcessRunner } from '../../sys/process-runner.ts';
import type { WindowSize } from '../../sys/sys.ts';
import { ControlError } from '../../supervisor/control/client.ts';
import type { ControlPort } from '../../supervisor/control/control-port.ts';
import { startControlServer } from '../../supervisor/control/server.ts';
import type { ExecEnd, SessionRequest } from '../../supervisor/exec/exec-shapes.ts';
import { openExec, type RunningExec } from '../../supervisor/exec/open-exec.ts';
import { shimsGone, testContainerd } from './containerd.ts';
import { allowedHere, leftovers, prepareMachine, removeCgroup } from './native-machine.ts';

export interface ExecSession {
  readonly request: SessionRequest;
  /** Written to it at once, and whether that is all. */
  readonly input?: string;
  readonly endInput?: boolean;
  /** What is done each time when this has been seen in its output. */
  readonly on?: readonly {
    readonly seen: string;
    readonly write?: string;
    readonly resize?: WindowSize;
    readonly leave?: boolean;
  }[];
  /** How many bytes of input to write besides; of its output only the length is told then. */
  readonly bulk?: number;
}

export interface ExecTale {
  readonly stdout: string;
  readonly stderr: string;
  readonly end: ExecEnd | { readonly kind: 'lost'; readonly code: string };
}

export interface ExecReport {
  readonly tales: readonly ExecTale[];
  readonly leftovers: readonly string[];
  /** Command lines of what runs in the container afterwards, besides its program. */
  readonly processes: readonly string[];
  /** Helpers that run afterwards. */
  readonly helpers: number;
}

export interface ExecProgram {
  readonly binary: string;
  /** Through containerd, which calls `binary`. */
  readonly isUnderContainerd?: boolean;
  readonly cgroup: string;
  readonly container: ContainerSpec;
  readonly sessions: readonly ExecSession[];
}

const SOCKET = '/run/control.sock';
const sys = createLinuxSys();

if (process.pid !== 1) {
  process.stderr.write('run-exec: only for PID 1 of its own namespaces\n');
  process.exitCode = 2;
} else {
  const program = JSON.parse(process.argv[2] ?? '') as ExecProgram;
  const cgroup = `/sys/fs/cgroup${program.cgroup}`;
  prepareMachine(sys);
  mkdirSync(cgroup);
  try {
    process.stdout.write(JSON.stringify(await play(program)));
  } finally {
    removeCgroup(cgroup);
  }
  process.exit();
}

async function play(program: ExecProgram): Promise<ExecReport> {
  const { binary, cgroup, container, sessions, isUnderContainerd = false } = program;
  const reaper = startReaper(sys);
  const runner = createProcessRunner(reaper);
  const runtime = isUnderContainerd
    ? startedContainerd(program, runner)
    : allowedHere(createRuncClient({ binary, runner, sys }));
  const id = container.name;
  const bundle = prepareBundle(sys, { id, container, cgroupsPath: `${cgroup}/${id}` });
  const nothing = openSync('/dev/null', 'r+');
  const { pid } = await runtime.create(id, bundle, {
    stdout: nothing,
    stderr: nothing,
    paths: { stdout: '/dev/null', stderr: '/dev/null' },
  });
  await runtime.start(id);
  const exec = createExecs({
    spawner: createProcessSpawner(reaper),
    helper: {
      file: process.execPath,
      args: [
        '--disable-warning=ExperimentalWarning',
        join(import.meta.dirname, '../../init/main.ts'),
        'exec-helper',
      ],
    },
    binary,
    stateDirOf: () => (isUnderContainerd ? `${SHIM_STATE}/${DEFAULT_NAMESPACE}` : RUNTIME_STATE),
    containerOf: () => container,
    warn: (unit, text) => process.stderr.write(`${unit}: ${text}\n`),
  });
  const port: Pick<ControlPort, 'exec'> = {
    exec(unit, connection) {
      exec(unit, connection, pid);
      return true;
    },
  };
  await startControlServer(port as ControlPort, SOCKET);
  const tales: ExecTale[] = [];
  for (const session of sessions) tales.push(await playSession(id, session));
  const helpers = await atLeastSoon(() => commandLines().filter(isHelper).length, 0);
  const processes = await atLeastSoon(() => inCgroup(`${cgroup}/${id}`, pid), []);
  await runtime.kill(id, 9);
  await runtime.remove(id);
  removeBundle(sys, id);
  await shimsGone(cgroup);
  return { tales, leftovers: leftovers(), processes, helpers };
}

function startedContainerd(program: ExecProgram, runner: ProcessRunner): ContainerRuntime {
  const { begin, runtime } = testContainerd(program, { runner, sys });
  begin();
  return runtime;
}

async function playSession(id: string, session: ExecSession): Promise<ExecTale> {
  const { request, input = '', endInput = false, on = [], bulk = 0 } = session;
  const waiting = [...on];
  let [stdout, stderr, length] = ['', '', 0];
  let running: RunningExec | undefined;
  function react(): void {
    const next = waiting[0];
    if (next === undefined || !stdout.includes(next.seen)) return;
    waiting.shift();
    if (next.resize !== undefined) running?.resize(next.resize);
    if (next.write !== undefined) void running?.write(Buffer.from(next.write));
    if (next.leave === true) running?.leave();
  }
  try {
    running = await openExec(SOCKET, id, request, {
      stdout(bytes) {
        length += bytes.length;
        if (bulk === 0) stdout += Buffer.from(bytes).toString('utf8');
        react();
      },
      stderr: (bytes) => void (stderr += Buffer.from(bytes).toString('utf8')),
    });
    void (async (to: RunningExec): Promise<void> => {
      await to.write(Buffer.from(input));
      await to.write(Buffer.alloc(bulk, 'x'));
      if (endInput) to.endInput();
    })(running);
    const end = await running.end;
    return { stdout: bulk === 0 ? stdout : String(length), stderr, end };
  } catch (error) {
    const code = error instanceof ControlError ? error.code : errorMessage(error);
    return { stdout, stderr, end: { kind: 'lost', code } };
  }
}

function commandLines(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => commandLine(pid));
}

function isHelper(line: string): boolean {
  return line.endsWith('init/main.ts exec-helper');
}

function inCgroup(path: string, program: number): string[] {
  const pids = readFileSync(`/sys/fs/cgroup${path}/cgroup.procs`, 'utf8').split('\n');
  return pids.filter((pid) => pid !== '' && pid !== String(program)).map(commandLine);
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

/** What `look` says once that is `wanted`, or after some seconds whatever it is. */
async function atLeastSoon<T>(look: () => T, wanted: T): Promise<T> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (JSON.stringify(look()) === JSON.stringify(wanted)) break;
    await delay(50);
  }
  return look();
}
