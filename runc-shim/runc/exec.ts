/**
 * Commands in running containers. What the runtime says and what the command says must not be mixed up:
 * both end with an exit code, and only the runtime writes to its log.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { errnoCode, errorMessage } from '../../sys/errno.ts';
import { describeExit } from '../../sys/exit.ts';
import type { ProcessRunner, RunResult } from '../../sys/process-runner.ts';
import type { Sys } from '../../sys/sys.ts';
import { renderSpec } from '../oci/render.ts';
import { type ContainerRuntime, EXEC_OUTPUT_BYTES, RuntimeError } from '../runtime.ts';
import { execArgs } from './args.ts';
import { takeLog } from './log-file.ts';
import { removeTree } from '../remove-tree.ts';

export interface ExecContext {
  readonly binary: string;
  readonly runner: ProcessRunner;
  readonly sys: Pick<Sys, 'kill' | 'killGroupOf'>;
  /** The runtime's own state. */
  readonly root: string;
  /** Where each command has a directory while it runs. */
  readonly execDir: string;
}

/** The runtime ends by itself when its command has; one that does not is ended as well. */
const AFTER_KILL_MS = 1_000;
const SIGKILL = 9;

export function createExec(context: ExecContext): ContainerRuntime['exec'] {
  const { binary, execDir } = context;
  let swept = false;

  function makeDirectory(id: string): string {
    if (!swept) sweep(context);
    swept = true;
    mkdirSync(execDir, { recursive: true, mode: 0o700 });
    return mkdtempSync(join(execDir, `${id}.`));
  }

  return async (id, command, timeoutMs) => {
    const dir = attempt('write', () => makeDirectory(id));
    try {
      const processFile = join(dir, 'process.json');
      attempt('write', () => writeFileSync(processFile, renderSpec(command)));
      const logFile = join(dir, 'log.json');
      const pidFile = join(dir, 'pid');
      const paths = { root: context.root, logFile };
      const args = execArgs(paths, id, processFile, pidFile);
      const { result, timedOut } = await runWithin(context, args, pidFile, timeoutMs);
      const words = takeLog(logFile);
      const { exit } = result;
      const isSuccess = exit.kind === 'exited' && exit.code === 0;
      if (!timedOut && !isSuccess && words !== undefined) throw refusal(words);
      // Killed before it could say anything; a command that is killed makes an exit code of it.
      if (!timedOut && exit.kind === 'signaled') {
        throw refusal(`${basename(binary)} exec: ${describeExit(exit)}`);
      }
      return { exit, timedOut, output: lastBytes(result.stdout + result.stderr) };
    } finally {
      discard(dir);
    }
  };
}

/** What stays is the next generation's to sweep: the command has answered, and its answer counts. */
function discard(dir: string): void {
  try {
    removeTree(dir);
  } catch (error) {
    if (errnoCode(error) === undefined) throw error;
  }
}

/** What a generation of PID 1 before this one was asking has nobody any more who would end and remove it. */
function sweep({ sys, execDir }: ExecContext): void {
  const names = existsSync(execDir) ? readdirSync(execDir) : [];
  for (const name of names) {
    const pidFile = join(execDir, name, 'pid');
    // The number may be another's by now: only the runtime that made it has this file's name.
    if (parentNames(readPid(pidFile), pidFile)) killCommand(sys, pidFile);
  }
  removeTree(execDir);
}

function parentNames(pid: number | undefined, word: string): boolean {
  try {
    const parent = /^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return readFileSync(`/proc/${parent}/cmdline`, 'utf8').split('\0').includes(word);
  } catch {
    // Gone, and with it the question.
    return false;
  }
}

async function runWithin(
  { binary, runner, sys }: ExecContext,
  args: readonly string[],
  pidFile: string,
  timeoutMs: number,
): Promise<{ readonly result: RunResult; readonly timedOut: boolean }> {
  const runtime = new AbortController();
  let timedOut = false;
  let isKilled = false;
  let later: NodeJS.Timeout | undefined;
  const timer = setTimeout(() => {
    timedOut = true;
    isKilled = killCommand(sys, pidFile);
    later = setTimeout(() => runtime.abort(), isKilled ? AFTER_KILL_MS : 0);
  }, timeoutMs);
  try {
    const result = await runner
      .run(binary, args, { stdout: 'capture', stderr: 'capture', signal: runtime.signal })
      .catch((cause: unknown) => {
        const message = `Cannot execute ${binary}: ${errnoCode(cause) ?? errorMessage(cause)}`;
        throw new RuntimeError('not-executable', 'exec', message, { cause });
      });
    // It may have made the command in the moment before it was killed.
    if (timedOut && !isKilled) killCommand(sys, pidFile);
    return { result, timedOut };
  } finally {
    clearTimeout(timer);
    clearTimeout(later);
  }
}

/**
 * The command and what it has started, not the runtime's process, which would leave both behind. Its pid is
 * its own as long as the runtime, its parent, is there. False when there is none yet.
 */
function killCommand(sys: ExecContext['sys'], pidFile: string): boolean {
  const pid = readPid(pidFile);
  if (pid === undefined) return false;
  for (const kill of [sys.killGroupOf, sys.kill]) {
    try {
      kill.call(sys, pid, SIGKILL);
    } catch {
      // ESRCH: it has ended this moment. A group that may not be killed is one command's problem only.
    }
  }
  return true;
}

function readPid(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    return Number.isInteger(pid) && pid > 1 ? pid : undefined;
  } catch {
    // The runtime has not come so far.
    return undefined;
  }
}

function refusal(message: string, options?: ErrorOptions): RuntimeError {
  return new RuntimeError('exec-failed', 'exec', message, options);
}

function attempt<T>(what: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    throw refusal(`Cannot ${what} the command: ${errorMessage(cause)}`, { cause });
  }
}

/** Without half a character at the cut. */
function lastBytes(text: string): string {
  const bytes = Buffer.from(text);
  let from = Math.max(0, bytes.length - EXEC_OUTPUT_BYTES);
  // Bytes 10xxxxxx go on with a character that has begun before.
  while (from > 0 && from < bytes.length && ((bytes[from] ?? 0) & 0xc0) === 0x80) from += 1;
  return bytes.toString('utf8', from);
}
