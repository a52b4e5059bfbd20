/**
 * ContainerRuntime over the command line of runc or crun. Keeps no state of its own: everything is
 * found again by container id, so a PID 1 that was executed again goes on with the same containers.
 */
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { errnoCode, errorMessage } from '../../sys/errno.ts';
import { describeExit } from '../../sys/exit.ts';
import type { ProcessRunner, RunOptions, RunResult } from '../../sys/process-runner.ts';
import type { Sys } from '../../sys/sys.ts';
import {
  RuntimeError,
  type ContainerRuntime,
  type ContainerStdio,
  type RuntimeStage,
} from '../runtime.ts';
import { createArgs, deleteArgs, killArgs, startArgs, type RuntimePaths } from './args.ts';
import { createExec } from './exec.ts';
import { takeLog } from './log-file.ts';
import { removeTree } from '../remove-tree.ts';

/** `exec` takes as long as its caller allows. */
type TimedStage = Exclude<RuntimeStage, 'exec'>;

/**
 * How long the runtime may take. On an emulated CPU `create` was measured at 1.2 s at worst, so these
 * only end what hangs.
 */
const TIMEOUTS_MS: Readonly<Record<TimedStage, number>> = {
  create: 60_000,
  start: 30_000,
  kill: 10_000,
  // `delete --force` of runc itself waits up to 10 s for the killed process to be gone.
  remove: 30_000,
};

/** Where the runtime keeps its state. */
export const RUNTIME_STATE = '/run/ishmael/runtime';

export interface RuncOptions {
  /** Absolute path of the program, see find-runtime.ts. */
  readonly binary: string;
  readonly runner: ProcessRunner;
  readonly sys: Pick<Sys, 'kill' | 'killGroupOf'>;
  /** Default `RUNTIME_STATE`. */
  readonly stateDir?: string;
  /** Default `/run/ishmael/runtime-log`. */
  readonly logDir?: string;
  /** Default `/run/ishmael/exec`. */
  readonly execDir?: string;
  readonly timeoutsMs?: Partial<Record<TimedStage, number>>;
}

export function createRuncClient(options: RuncOptions): ContainerRuntime {
  const { binary, runner } = options;
  const root = options.stateDir ?? RUNTIME_STATE;
  const logDir = options.logDir ?? '/run/ishmael/runtime-log';
  const timeoutsMs = { ...TIMEOUTS_MS, ...options.timeoutsMs };
  const paths = (id: string): RuntimePaths => ({ root, logFile: join(logDir, `${id}.json`) });

  async function call(
    stage: TimedStage,
    id: string,
    args: readonly string[],
    more: Pick<RunOptions, 'stdout' | 'stderr' | 'extraFds' | 'signal'> = {},
  ): Promise<void> {
    const timeoutMs = timeoutsMs[stage];
    const result = await runner
      .run(binary, args, { stdout: 'ignore', stderr: 'ignore', ...more, timeoutMs })
      .catch((cause: unknown) => {
        const message = `Cannot execute ${binary}: ${errnoCode(cause) ?? errorMessage(cause)}`;
        throw new RuntimeError('not-executable', stage, message, { cause });
      });
    if (result.exit.kind === 'exited' && result.exit.code === 0) return;
    throw failure(stage, id, result, more.signal?.aborted === true);
  }

  function failure(
    stage: TimedStage,
    id: string,
    result: RunResult,
    isGivenUp: boolean,
  ): RuntimeError {
    const words = takeLog(paths(id).logFile);
    if (result.timedOut || isGivenUp) {
      const time = isGivenUp ? 'in the time it was given' : `within ${timeoutsMs[stage]} ms`;
      const message = `${basename(binary)} ${stage} gave no answer ${time} and was killed`;
      return new RuntimeError('timed-out', stage, words ? `${message}; last: ${words}` : message);
    }
    const missing = stage !== 'create' && !existsSync(join(root, id));
    return new RuntimeError(
      missing ? 'not-found' : `${stage}-failed`,
      stage,
      words ?? `${basename(binary)} ${stage}: ${describeExit(result.exit)}`,
    );
  }

  return {
    name: basename(binary),
    async create(id: string, bundle: string, stdio: ContainerStdio, signal?: AbortSignal) {
      // Not when PID 1 starts: a /run that is full then must cost this start, not all services.
      mkdirSync(logDir, { recursive: true });
      const pidFile = join(bundle, 'pid');
      const { stdout, stderr, extra, consoleSocket } = stdio;
      const more = { stdout, stderr, ...(signal && { signal }) };
      if (extra === undefined) {
        await call(
          'create',
          id,
          createArgs(paths(id), id, bundle, pidFile, { consoleSocket }),
          more,
        );
      } else {
        const preserveFds = extra.as - FIRST_EXTRA + 1;
        const args = createArgs(paths(id), id, bundle, pidFile, { preserveFds, consoleSocket });
        await withExtraFds(extra, (extraFds) => call('create', id, args, { ...more, extraFds }));
      }
      return { pid: readPid(pidFile) };
    },
    start: (id, signal) => call('start', id, startArgs(paths(id), id), signal && { signal }),
    exec: createExec({ ...options, root, execDir: options.execDir ?? '/run/ishmael/exec' }),
    kill: (id, signal) => call('kill', id, killArgs(paths(id), id, signal)),
    async remove(id) {
      try {
        await call('remove', id, deleteArgs(paths(id), id));
      } catch (error) {
        // Both fail before they look for the container when they cannot open their log, as when no
        // container was ever created: then there is no directory for it.
        if (!(error instanceof RuntimeError && error.code === 'not-found')) throw error;
      }
      rmSync(paths(id).logFile, { force: true });
    },
    forget(id) {
      // What both runtimes' `delete` does last; we ask for no hooks that it would have to run.
      removeTree(join(root, id));
      rmSync(paths(id).logFile, { force: true });
    },
  };
}

/** The first descriptor that is no standard stream. */
const FIRST_EXTRA = 3;

/**
 * The runtimes hand over all from 3 to the one that is wanted, and what they have opened themselves would
 * be among them: the others have to be something.
 */
async function withExtraFds(
  { as, fd }: NonNullable<ContainerStdio['extra']>,
  use: (fds: readonly number[]) => Promise<void>,
): Promise<void> {
  const nothing = openSync('/dev/null', 'r+');
  try {
    await use([...Array.from({ length: as - FIRST_EXTRA }, () => nothing), fd]);
  } finally {
    closeSync(nothing);
  }
}

function readPid(file: string): number {
  let text = '';
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const message = `No pid file at ${file}: ${errorMessage(cause)}`;
    throw new RuntimeError('create-failed', 'create', message, { cause });
  }
  const pid = Number(text);
  // 0 and 1 would make kill(2) reach a process group or ourselves.
  if (Number.isInteger(pid) && pid > 1) return pid;
  throw new RuntimeError('create-failed', 'create', `No pid in ${file}: "${text}"`);
}
