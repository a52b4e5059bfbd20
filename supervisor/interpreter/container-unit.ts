/**
 * A unit that is a container: its bundle, its log and its runs under the OCI runtime. Started in two
 * steps, create and start, because only so is the pid known, and watched, before the program runs.
 */
import { rmdirSync, writeFileSync } from 'node:fs';
import { errnoCode, errorMessage } from '../../sys/errno.ts';
import { type Exit, signalNumber } from '../../sys/exit.ts';
import type { Sys } from '../../sys/sys.ts';
import { prepareBundle, removeBundle } from '../../runc-shim/bundle.ts';
import type { ContainerSpec } from '../../runc-shim/oci/container-spec.ts';
import type { ContainerRuntime } from '../../runc-shim/runtime.ts';
import { closeOutputs, type UnitLog } from '../log/unit-log.ts';
import type { Limiter } from './limiter.ts';
import { LaunchError, type Launcher, type LaunchOrder, type LaunchReport } from './launcher.ts';
import { watchOom } from './oom-watch.ts';

export interface ContainerContext {
  readonly sys: Sys;
  readonly runtime: ContainerRuntime;
  /** Returns whether it has ended already, so that `onExit` is on its way. */
  readonly watch: (pid: number, onExit: (exit: Exit) => void) => boolean;
  /** Shared by all containers: how many calls of the runtime go on at once. */
  readonly limit: Limiter;
  /** Resolves when the devices that were there at boot have their drivers. Never rejects. */
  readonly devicesReady: Promise<void>;
  /** Tells of something about a unit that changes nothing for the supervisor. */
  readonly warn: (id: string, text: string) => void;
}

export interface ContainerUnit {
  readonly id: string;
  readonly container: ContainerSpec;
  /** Below the cgroup2 mount, such as `/services/redis`. */
  readonly cgroupsPath: string;
  readonly log: UnitLog;
  /** Whether an earlier generation of PID 1 may have left this container behind. */
  readonly leftovers: boolean;
}

export function containerLauncher(context: ContainerContext, unit: ContainerUnit): Launcher {
  const { sys, runtime } = context;
  const { id, container, cgroupsPath, log } = unit;
  let leftovers = unit.leftovers;
  /** Whether the end of the newest run has been seen. */
  let ended = false;

  async function launch(report: LaunchReport, { kill, abandon }: LaunchOrder): Promise<void> {
    if (leftovers) await remove();
    leftovers = true;
    ended = false;
    if (bindsDevices(container)) await context.devicesReady;
    const bundle = atStageSync('bundle', () => prepareBundle(sys, { id, container, cgroupsPath }));
    const outputs = atStageSync('log', () => log.openOutputs());
    try {
      const { pid } = await atStage(
        'create',
        context.limit(() => {
          kill.throwIfAborted();
          abandon.throwIfAborted();
          return runtime.create(id, bundle, outputs, kill);
        }),
      );
      report.created(pid);
      watchEnd(pid, report);
    } catch (error) {
      // A runtime that was ended in the middle leaves behind what it had begun.
      if (kill.aborted) killCgroup(cgroupsPath);
      throw error;
    } finally {
      closeOutputs(outputs);
    }
    await context.devicesReady;
    await atStage(
      'start',
      context.limit(() => {
        abandon.throwIfAborted();
        return runtime.start(id, kill);
      }),
    );
  }

  function watchEnd(pid: number, report: Pick<LaunchReport, 'exited'>): boolean {
    const oom = watchOom(`/sys/fs/cgroup${cgroupsPath}`, (text) => context.warn(id, text));
    return context.watch(pid, (exit) => {
      ended = true;
      report.exited(oom.end(exit));
    });
  }

  async function remove(): Promise<void> {
    // To start the runtime once more takes longer than all the rest between two runs.
    if (ended && removeEmptyCgroup(cgroupsPath)) runtime.forget(id);
    else await context.limit(() => runtime.remove(id));
    removeBundle(sys, id);
    log.flush();
    leftovers = false;
  }

  function adopt(pid: number, report: Pick<LaunchReport, 'exited'>): void {
    if (watchEnd(pid, report)) return;
    try {
      // Signal 0 asks only; a process that has ended and waits to be collected is still there.
      sys.kill(pid, 0);
    } catch {
      report.exited({ kind: 'lost' });
    }
  }

  return {
    launch,
    adopt,
    remove,
    // The checks themselves come with the next commit.
    probe: async () => Promise.resolve({ passed: false, output: 'not asked' }),
    signal: (pid, signal) => sys.kill(pid, signal),
    kill(pid) {
      if (!killCgroup(cgroupsPath)) sys.kill(pid, signalNumber('SIGKILL') ?? 9);
    },
  };
}

/** Whether the container cannot even be created before its devices are there. */
function bindsDevices({ binds }: ContainerSpec): boolean {
  return binds.some(({ source }) => /^\/(dev|sys)\//.test(source));
}

/**
 * All processes below the cgroup at once, forks in progress included (cgroup-v2.rst, cgroup.kill). False when
 * that cannot be asked for, because no descriptor is left or the kernel has no such file. The first process
 * can still be killed, which takes none; the others go with it, or when the container is removed.
 */
function killCgroup(cgroupsPath: string): boolean {
  try {
    writeFileSync(`/sys/fs/cgroup${cgroupsPath}/cgroup.kill`, '1');
    return true;
  } catch (error) {
    if (errnoCode(error) === undefined) throw error;
    return false;
  }
}

/** False when there is still somebody in it, or when it cannot be told: the runtime is to see to it. */
function removeEmptyCgroup(cgroupsPath: string): boolean {
  try {
    rmdirSync(`/sys/fs/cgroup${cgroupsPath}`);
    return true;
  } catch (error) {
    return errnoCode(error) === 'ENOENT';
  }
}

async function atStage<T>(stage: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw new LaunchError(stage, errorMessage(cause), { cause });
  }
}

function atStageSync<T>(stage: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new LaunchError(stage, errorMessage(cause), { cause });
  }
}
