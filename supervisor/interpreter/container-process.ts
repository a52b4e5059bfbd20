/**
 * One process after another in the same container: created, started, watched, removed. What a unit is
 * made of, whether the process is its program or a step before it. Knows nothing of bundles.
 */
import { readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import type { ContainerEnd, ContainerRuntime, ContainerStdio } from '../../runc-shim/runtime.ts';
import { errnoCode, errorMessage } from '../../sys/errno.ts';
import { type Exit, signalNumber } from '../../sys/exit.ts';
import type { Sys } from '../../sys/sys.ts';
import { closeOutputs } from '../log/outputs.ts';
import { type UnitLog } from '../log/unit-log.ts';
import type { RunEnd } from '../service/state.ts';
import { atStage } from './at-stage.ts';
import { LaunchError, type LaunchOrder } from './launcher.ts';
import type { Limiter } from './limiter.ts';
import { watchOom } from './oom-watch.ts';
import { holdTerminal, type Terminal, type TerminalContext } from './terminal-holder.ts';

export interface ProcessContext {
  readonly sys: Sys;
  readonly runtime: ContainerRuntime;
  /** Returns whether it has ended already, so that `onExit` is on its way. */
  readonly watch: (pid: number, onExit: (exit: Exit) => void) => boolean;
  /** Shared by all containers: how many calls of the runtime go on at once. */
  readonly limit: Limiter;
  /** Resolves when the devices that were there at boot have their drivers. Never rejects. */
  readonly devicesReady: Promise<void>;
  /** For containers with a terminal, which cannot be launched without. */
  readonly terminals?: TerminalContext;
  /** Tells of something about a unit that changes nothing for the supervisor. */
  readonly warn: (id: string, text: string) => void;
}

export interface ProcessOf {
  readonly id: string;
  /** Below the cgroup2 mount, such as `/services/redis`. */
  readonly cgroupsPath: string;
  readonly log: UnitLog;
}

export class ContainerProcess {
  private readonly context: ProcessContext;
  private readonly unit: ProcessOf;
  /** Whether the end of the newest process has been seen. */
  private ended = false;

  constructor(context: ProcessContext, unit: ProcessOf) {
    this.context = context;
    this.unit = unit;
  }

  /** Up to, not including, what it executes. Throws `LaunchError`, as `start` does. */
  async create(
    bundle: string,
    { kill, abandon }: LaunchOrder,
    more: Pick<ContainerStdio, 'extra'> & { readonly hasTerminal?: boolean } = {},
  ): Promise<number> {
    const { id, cgroupsPath, log } = this.unit;
    const { limit, runtime } = this.context;
    this.ended = false;
    const outputs = await atStage('log', log.openOutputs());
    let terminal: Terminal | undefined;
    try {
      terminal = await this.terminal(more.hasTerminal);
      const stdio = {
        ...outputs,
        paths: log.outputPaths,
        ...(more.extra && { extra: more.extra }),
        ...(terminal && { consoleSocket: terminal.socket }),
      };
      const created = limit(() => {
        kill.throwIfAborted();
        throwIfAbandoned(abandon);
        return runtime.create(id, bundle, stdio, kill);
      });
      return (await atStage('create', created)).pid;
    } catch (error) {
      terminal?.abandon();
      // A runtime that was ended in the middle leaves behind what it had begun.
      if (kill.aborted) killCgroup(cgroupsPath);
      throw error;
    } finally {
      terminal?.close();
      closeOutputs(outputs);
    }
  }

  private async terminal(isWanted = false): Promise<Terminal | undefined> {
    if (!isWanted) return undefined;
    const { terminals } = this.context;
    if (terminals === undefined) throw new LaunchError('terminal', 'nobody is there to hold it');
    return atStage('terminal', holdTerminal(terminals, this.unit.log.outputPaths.stdout));
  }

  async start({ kill, abandon }: LaunchOrder): Promise<void> {
    await this.context.devicesReady;
    const started = this.context.limit(() => {
      throwIfAbandoned(abandon);
      return this.context.runtime.start(this.unit.id, kill);
    }, 'finishes');
    await atStage('start', started);
  }

  /** Returns whether it has ended already, so that `onEnd` is on its way. */
  watch(pid: number, onEnd: (end: RunEnd) => void): boolean {
    const { id, cgroupsPath } = this.unit;
    const { watch, warn, runtime } = this.context;
    const oom = watchOom(`/sys/fs/cgroup${cgroupsPath}`, (text) => warn(id, text));
    const ended = (end: ContainerEnd): void => {
      this.ended = true;
      onEnd(oom.end(end));
    };
    if (runtime.watch === undefined) return watch(pid, ended);
    runtime.watch(id, pid, ended);
    return false;
  }

  /**
   * To its first process. Where that is no child of ours, it may have been collected, and its pid given to
   * somebody else, before we are told.
   */
  signal(pid: number, signal: number): void {
    const { runtime, sys } = this.context;
    if (runtime.watch !== undefined && !isInCgroup(pid, this.unit.cgroupsPath)) return;
    sys.kill(pid, signal);
  }

  /** With all that it has started. */
  kill(pid: number): void {
    if (killCgroup(this.unit.cgroupsPath)) return;
    this.signal(pid, signalNumber('SIGKILL') ?? 9);
  }

  async remove(): Promise<void> {
    const { id, cgroupsPath } = this.unit;
    const { limit, runtime } = this.context;
    // To start the runtime once more takes longer than all the rest between two runs.
    if (runtime.forget !== undefined && this.ended && removeEmptyCgroup(cgroupsPath))
      runtime.forget(id);
    else await limit(() => runtime.remove(id));
  }
}

function throwIfAbandoned(abandon: AbortSignal): void {
  if (abandon.aborted) throw new LaunchError('launch', errorMessage(abandon.reason));
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

/** Whether a process is in the cgroup or below it; one that is gone is nowhere. */
function isInCgroup(pid: number, cgroupsPath: string): boolean {
  try {
    const path = /^0::(.*)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, 'utf8'))?.[1] ?? '';
    return `${path}/`.startsWith(`${cgroupsPath}/`);
  } catch {
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
