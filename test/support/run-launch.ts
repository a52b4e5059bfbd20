/**
 * A program, not a library: launches one service's container with PID 1's own launcher, reaper and runtime
 * client, asks its health check, and prints as JSON what it was told. Started as run-container.ts is.
 */
import { mkdirSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createProcessRunner, createProcessSpawner } from '../../init/child-processes.ts';
import { startReaper } from '../../init/reaper.ts';
import type { ContainerSpec } from '../../runc-shim/oci/container-spec.ts';
import { createRuncClient } from '../../runc-shim/runc/client.ts';
import { createLinuxSys } from '../../sys/linux/linux-sys.ts';
import { errorMessage } from '../../sys/errno.ts';
import {
  containerLauncher,
  type ContainerUnit,
} from '../../supervisor/interpreter/container-unit.ts';
import { LaunchError, type LaunchReport } from '../../supervisor/interpreter/launcher.ts';
import type { ProbeOutcome } from '../../supervisor/interpreter/launcher.ts';
import { UnitLog } from '../../supervisor/log/unit-log.ts';
import { describeEnd } from '../../supervisor/service/describe.ts';
import { allowedHere, leftovers, prepareMachine, removeCgroup } from './native-machine.ts';

export interface LaunchRequest {
  readonly binary: string;
  readonly cgroup: string;
  readonly container: ContainerSpec;
  readonly unit: Pick<ContainerUnit, 'health' | 'readiness' | 'preStart'>;
  /** How long to wait after the start for what the program tells. */
  readonly patienceMs: number;
  /** How often to ask the health check. */
  readonly probes: number;
  /** What to do when a step of preStart runs. */
  readonly duringStep?: 'abandon and signal' | 'kill';
}

export interface LaunchTale {
  /** `step …`, `created`, `started`, `ready`, `exit code 0`, `failed STAGE: …`, in order. */
  readonly told: readonly string[];
  readonly outcomes: readonly ProbeOutcome[];
  readonly log: readonly string[];
  readonly leftovers: readonly string[];
  /** Descriptors that are open afterwards and were not before. */
  readonly openFds: readonly string[];
  readonly processes: number;
}

const sys = createLinuxSys();

if (process.pid !== 1) {
  process.stderr.write('run-launch: only for PID 1 of its own namespaces\n');
  process.exitCode = 2;
} else {
  const request = JSON.parse(process.argv[2] ?? '') as LaunchRequest;
  const cgroup = `/sys/fs/cgroup${request.cgroup}`;
  prepareMachine(sys);
  mkdirSync(cgroup);
  try {
    process.stdout.write(JSON.stringify(await play(request)));
  } finally {
    removeCgroup(cgroup);
  }
  process.exit();
}

async function play(request: LaunchRequest): Promise<LaunchTale> {
  const { container, unit, probes, patienceMs } = request;
  const reaper = startReaper(sys);
  const id = container.name;
  const log = UnitLog.open({
    sys,
    fifoDir: '/run/fifos',
    fileDir: '/run/log',
    nowMs: () => performance.now(),
  });
  const told: string[] = [];
  const runtime = createRuncClient({
    binary: request.binary,
    runner: createProcessRunner(reaper),
    sys,
  });
  const launcher = containerLauncher(
    {
      sys,
      runtime: allowedHere(runtime),
      watch: (pid, onExit) => reaper.watch(pid, onExit),
      terminals: {
        sys,
        spawner: createProcessSpawner(reaper),
        helper: {
          file: process.execPath,
          args: [
            '--disable-warning=ExperimentalWarning',
            join(import.meta.dirname, '../../init/main.ts'),
            'terminal',
          ],
        },
        settle() {},
        dir: '/run/ishmael/terminal',
      },
      limit: (work) => work(),
      limitExec: (work) => work(),
      devicesReady: Promise.resolve(),
      warn: (_id, text) => told.push(text),
    },
    { id, container, cgroupsPath: `${request.cgroup}/${id}`, log, leftovers: false, ...unit },
  );
  // Pipes and poll descriptors that Node opens at first use.
  await createProcessRunner(reaper).run('/bin/true', [], { stdout: 'capture', stderr: 'capture' });
  const before = openFds();
  const [kill, abandon] = [new AbortController(), new AbortController()];
  let current = 0;
  const report: LaunchReport = {
    held: (what) => told.push(`held for ${what}`),
    step(pid, step) {
      told.push(`step ${step}`);
      if (request.duringStep === 'kill') setTimeout(() => launcher.kill(pid), patienceMs);
      if (request.duringStep !== 'abandon and signal') return;
      setTimeout(() => {
        abandon.abort(new Error('not wanted any more'));
        launcher.signal(pid, 15);
      }, patienceMs);
    },
    stepEnded: () => told.push('step ended'),
    created(pid) {
      current = pid;
      told.push('created');
    },
    ready: () => told.push('ready'),
    exited: (end) => told.push(describeEnd(end)),
  };
  const outcomes: ProbeOutcome[] = [];
  try {
    await launcher.launch(report, { kill: kill.signal, abandon: abandon.signal });
    told.push('started');
    await delay(patienceMs);
    for (let count = 0; count < probes; count += 1) outcomes.push(await launcher.probe(current));
    launcher.kill(current);
    while (told.at(-1) !== 'killed by SIGKILL') await delay(10);
  } catch (error) {
    const stage = error instanceof LaunchError ? error.stage : 'launch';
    told.push(`failed ${stage}: ${errorMessage(error)}`);
  }
  await launcher.remove();
  // Who holds a terminal ends when it has seen that it is closed.
  for (let tries = 0; tries < 40 && countProcesses() > 1; tries += 1) await delay(50);
  const processes = countProcesses();
  const texts = log.ring.recent(1000).map(({ text }) => text);
  const open = openFds().filter((each) => !before.includes(each));
  return { told, outcomes, log: texts, leftovers: leftovers(), openFds: open, processes };
}

function countProcesses(): number {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).length;
}

function openFds(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      // Those that last: what fs.watch() asks the kernel through, and the log's file.
      return /inotify|^\/run\/log\//.test(target) ? [] : [`${fd} ${target}`];
    } catch {
      // The directory itself, closed again.
      return [];
    }
  });
}
