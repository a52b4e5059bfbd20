/**
 * A program, not a library: restarts one service again and again as PID 1 does, with the real engine,
 * interpreter, launcher, reaper and runtime, and prints as JSON what there is of everything that a restart
 * could leave behind, before and after. Every tenth start is refused by the runtime. Started by
 * runProgramInNamespaces() and PID 1 of its own mount and pid namespaces.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { monotonicMs } from '../../init/boot-record.ts';
import { createProcessRunner } from '../../init/child-processes.ts';
import { startReaper } from '../../init/reaper.ts';
import { createRuncClient } from '../../runc-shim/runc/client.ts';
import type { ContainerRuntime } from '../../runc-shim/runtime.ts';
import { Engine } from '../../supervisor/engine.ts';
import { History } from '../../supervisor/history.ts';
import { containerLauncher } from '../../supervisor/interpreter/container-unit.ts';
import { Interpreter } from '../../supervisor/interpreter/interpreter.ts';
import type { Launcher } from '../../supervisor/interpreter/launcher.ts';
import { createLimiter } from '../../supervisor/interpreter/limiter.ts';
import { UnitLog } from '../../supervisor/log/unit-log.ts';
import { DEFAULT_SERVICE_POLICY } from '../../supervisor/service/policy.ts';
import type { Unit } from '../../supervisor/service/state.ts';
import { createLinuxSys } from '../../sys/linux/linux-sys.ts';
import type { Sys } from '../../sys/sys.ts';
import { containerSpec } from './container-specs.ts';
import { allowedHere, prepareMachine, removeCgroup } from './native-machine.ts';

export interface RestartsRequest {
  /** Absolute path of the runtime's program. */
  readonly binary: string;
  /** The parent cgroup to make, below the cgroup2 mount, such as `/test-17`. */
  readonly cgroup: string;
  readonly restarts: number;
}

export interface Belongings {
  readonly openFiles: number;
  readonly mounts: number;
  readonly cgroups: number;
  /** Files and directories in /run: bundles, FIFOs, what the runtime keeps. */
  readonly runFiles: number;
  readonly processes: number;
}

export interface RestartsReport {
  /** After the tenth start, and after the last: each time while the service is between two runs. */
  readonly before: Belongings;
  readonly after: Belongings;
  readonly refused: number;
  readonly tookMs: number;
  /** What the supervisor warned of, ends of the service left out. */
  readonly warnings: readonly string[];
}

const ID = 'box';
const WARM_UP = 10;

const request = JSON.parse(process.argv[2] ?? '{}') as RestartsRequest;
if (process.pid === 1) await main();
else process.exitCode = 2;

async function main(): Promise<void> {
  const sys = createLinuxSys();
  prepareMachine(sys);
  const cgroup = `/sys/fs/cgroup${request.cgroup}`;
  mkdirSync(cgroup);
  let printed: string;
  try {
    printed = JSON.stringify(await restart(sys, cgroup));
  } finally {
    removeCgroup(cgroup);
  }
  // The log is still open for reading, and would keep this process for ever.
  process.stdout.write(printed, () => process.exit());
}

async function restart(sys: Sys, cgroup: string): Promise<RestartsReport> {
  const history = new History();
  const interpreter: Interpreter = new Interpreter({
    dispatch: (fact) => engine.dispatch(fact),
    record: (change) => history.add({ atMs: monotonicMs(), ...change }),
    // The delay between two runs would be a minute soon, and is not what is looked at here.
    setTimer: (ms, fire) => {
      if (ms < DEFAULT_SERVICE_POLICY.startTimeoutMs) setImmediate(fire);
    },
    watchConditions: () => () => {},
    endMachine: () => {},
  });
  const over = Promise.withResolvers<RestartsReport>();
  const watch = watchBetweenRuns(cgroup, history, over.resolve);
  const engine: Engine = new Engine({
    nowMs: monotonicMs,
    carryOut: (effect) => {
      const betweenRuns = effect.type === 'timer.start' && effect.timer === 'backoff';
      // The order to start again is what is held back at the end.
      if (!betweenRuns || watch(engine.state.units[0])) interpreter.carryOut(effect);
    },
    record: (change) => history.add(change),
    observe: () => {},
  });
  interpreter.addUnit(ID, boxLauncher(sys, history));
  const description = { id: ID, name: ID, image: 'test/plain', kind: 'service' } as const;
  engine.dispatch({ type: 'unit.added', unit: { ...description, policy: DEFAULT_SERVICE_POLICY } });
  engine.dispatch({ type: 'boot.finished' });
  return over.promise;
}

/** Looks between two runs, and says whether there is to be another one. */
function watchBetweenRuns(
  cgroup: string,
  history: History,
  done: (report: RestartsReport) => void,
): (unit: Unit | undefined) => boolean {
  const begin = performance.now();
  let first: { readonly run: number; readonly before: Belongings } | undefined;
  let refused = 0;
  return (unit) => {
    if (unit === undefined) return false;
    if (unit.lastEnd?.end.kind === 'not-started') refused += 1;
    const { run } = unit;
    if (run >= WARM_UP) first ??= { run, before: belongings(cgroup) };
    if (first === undefined || run < first.run + request.restarts) return true;
    const { before } = first;
    const tookMs = performance.now() - begin;
    done({
      before,
      after: belongings(cgroup),
      refused,
      tookMs,
      warnings: warningsOf(history),
    });
    return false;
  };
}

function boxLauncher(sys: Sys, history: History): Launcher {
  const reaper = startReaper(sys);
  const { binary } = request;
  const log = UnitLog.open({
    sys,
    fifoDir: `/run/ishmael/log/${ID}`,
    fileDir: `/run/log/${ID}`,
    nowMs: monotonicMs,
  });
  const args = ['/bin/sh', '-c', 'echo "here I am"; exit 3'];
  return containerLauncher(
    {
      sys,
      runtime: refusing(createRuncClient({ binary, runner: createProcessRunner(reaper), sys })),
      watch: (pid, onExit) => reaper.watch(pid, onExit),
      limit: createLimiter(2 * availableParallelism()),
      limitExec: createLimiter(4 * availableParallelism()),
      devicesReady: Promise.resolve(),
      warn: (id, text) =>
        history.add({ atMs: monotonicMs(), unit: id, severity: 'error', text: `warned: ${text}` }),
    },
    {
      id: ID,
      container: containerSpec({ name: ID, rootfs: '/', args }),
      cgroupsPath: `${request.cgroup}/${ID}`,
      log,
      leftovers: false,
      readiness: { kind: 'fd', fd: 3 },
    },
  );
}

/** Every tenth container is one that the runtime cannot create. */
function refusing(runtime: ContainerRuntime): ContainerRuntime {
  const client = allowedHere(runtime);
  let created = 0;
  return {
    ...client,
    create: (id, bundle, stdio, signal) => {
      created += 1;
      if (created % 10 === 0) {
        const file = join(bundle, 'config.json');
        writeFileSync(file, readFileSync(file, 'utf8').replace('/bin/sh', '/bin/no-such-program'));
      }
      return client.create(id, bundle, stdio, signal);
    },
  };
}

function belongings(cgroup: string): Belongings {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n').length - 1;
  return {
    openFiles: readdirSync('/proc/self/fd').length,
    mounts: lines,
    cgroups: readdirSync(cgroup, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    ).length,
    runFiles: readdirSync('/run', { recursive: true }).length,
    processes: readdirSync('/proc').filter((name) => /^\d+$/.test(name)).length,
  };
}

function warningsOf(history: History): string[] {
  return history
    .recent(Number.MAX_SAFE_INTEGER)
    .map(({ text }) => text)
    .filter((text) => /^(warned:|leftovers remain)/.test(text));
}
