/**
 * A unit that is a process of our own binary (console, host bridge), started without a container, in
 * the cgroup of all such processes.
 */
import { closeSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { Exit } from '../../sys/exit.ts';
import { errnoCode, errorMessage } from '../../sys/errno.ts';
import { signalNumber } from '../../sys/exit.ts';
import type { Sys } from '../../sys/sys.ts';
import { closeOutputs, type OutputFds } from '../log/outputs.ts';
import { LaunchError, type Launcher, type LaunchReport } from './launcher.ts';

/** Starts a long-lived child; rejects with the errno error when that is impossible. */
export interface ProcessSpawner {
  /** When it returns, the child has its descriptors: the caller may close its own. */
  spawn(program: SpawnedProgram, onExit: (exit: Exit) => void): Promise<number>;
}

export interface SpawnedProgram {
  readonly file: string;
  readonly args: readonly string[];
  /** What the child gets as descriptor 3; the caller keeps and closes its own. */
  readonly input?: number | Socket;
  /** What it finds on its standard input; without it nothing. */
  readonly stdin?: string;
  /** Where it writes to; the caller keeps and closes its own. Without it nowhere. */
  readonly outputs?: OutputFds;
}

export interface Program {
  readonly file: string;
  readonly args: readonly string[];
  /** A process that makes sense only once something has come, and is given that as descriptor 3. */
  readonly input?: {
    readonly heldFor: string;
    /** Resolves when it is time, with an open descriptor, or with nothing if it has to do without. */
    readonly arrive: () => Promise<number | undefined>;
  };
  /** What must be there before each start. */
  readonly needs?: {
    readonly heldFor: string;
    readonly isThere: () => boolean;
    readonly come: () => Promise<void>;
  };
  /** Opened for each start. */
  readonly openOutputs?: () => Promise<OutputFds>;
  /** What it has to do before it is taken as running. One that does not is killed. */
  readonly answers?: {
    readonly heldFor: string;
    readonly come: (signal: AbortSignal) => Promise<void>;
  };
}

/**
 * The OOM killer counts what a process shares with PID 1 as its own, so that a console looks larger than most
 * services and is taken first; and it would give back next to nothing.
 */
const OOM_SCORE_ADJ = -900;

export function processLauncher(
  context: {
    readonly sys: Sys;
    readonly spawner: ProcessSpawner;
    readonly cgroupsPath: string;
    /** Default `OOM_SCORE_ADJ`. What the program starts inherits it. */
    readonly oomScoreAdj?: number;
    readonly warn: (text: string) => void;
  },
  program: Program,
): Launcher {
  const { sys, spawner, cgroupsPath, oomScoreAdj = OOM_SCORE_ADJ, warn } = context;

  /** Where that fails it runs as well: a console is needed most where something is missing. */
  function settle(pid: number): void {
    try {
      writeFileSync(`/sys/fs/cgroup${cgroupsPath}/cgroup.procs`, String(pid));
      writeFileSync(`/proc/${pid}/oom_score_adj`, String(oomScoreAdj));
    } catch (error) {
      // ESRCH: it has ended already, and its end is told.
      if (errnoCode(error) !== 'ESRCH') warn(`runs without its limits: ${errorMessage(error)}`);
    }
  }

  async function spawn(input: number | undefined, report: LaunchReport): Promise<void> {
    const { file, args } = program;
    const over = new AbortController();
    const outputs = await program.openOutputs?.();
    try {
      const pid = await spawner.spawn(
        { file, args, ...(input === undefined ? {} : { input }), ...(outputs && { outputs }) },
        (exit) => {
          over.abort();
          report.exited(exit);
        },
      );
      report.created(pid);
      settle(pid);
      if (program.answers !== undefined) await answer(program.answers, pid, over.signal, report);
    } finally {
      if (outputs !== undefined) closeOutputs(outputs);
    }
  }

  /** What ends meanwhile is told by its end. */
  async function answer(
    { heldFor, come }: NonNullable<Program['answers']>,
    pid: number,
    over: AbortSignal,
    report: LaunchReport,
  ): Promise<void> {
    report.held(heldFor);
    try {
      await come(over);
    } catch (error) {
      if (over.aborted) return;
      warn(`is killed: ${errorMessage(error)}`);
      sys.kill(pid, signalNumber('SIGKILL') ?? 9);
    }
  }

  return {
    async launch(report) {
      let input: number | undefined;
      try {
        if (program.needs?.isThere() === false) {
          report.held(program.needs.heldFor);
          await program.needs.come();
        }
        if (program.input !== undefined) {
          report.held(program.input.heldFor);
          input = await program.input.arrive();
        }
        await spawn(input, report);
      } catch (error) {
        throw new LaunchError('spawn', errorMessage(error), { cause: error });
      } finally {
        if (input !== undefined) closeSync(input);
      }
    },
    // Our own processes are ended and begun anew by each generation.
    adopt: (_pid, report) => report.exited({ kind: 'lost' }),
    // None of them has a health check.
    probe: async () => Promise.resolve({ passed: true, output: '' }),
    signal: (pid, signal) => sys.kill(pid, signal),
    kill: (pid) => sys.kill(pid, signalNumber('SIGKILL') ?? 9),
    remove: async () => Promise.resolve(),
  };
}
