/**
 * A command in a running container that nobody of the runtime stays with: its streams are the caller's, and
 * as an orphan it becomes the caller's child, who is to have asked for that (`Sys.adoptOrphans`).
 */
import { closeSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { errnoCode, errorMessage } from '../../sys/errno.ts';
import { describeExit } from '../../sys/exit.ts';
import type { ProcessRunner } from '../../sys/process-runner.ts';
import type { Sys } from '../../sys/sys.ts';
import { renderSpec } from '../oci/render.ts';
import type { ProcessSpec } from '../oci/runtime-spec.ts';
import { removeTree } from '../remove-tree.ts';
import { RuntimeError } from '../runtime.ts';
import { detachedExecArgs } from './args.ts';
import { takeLog } from './log-file.ts';

export interface DetachedContext {
  /** Absolute path of the runtime's program. */
  readonly binary: string;
  /** The runtime's own state. */
  readonly root: string;
  /** Where each command has a directory while it is started. A short path: it becomes a socket's. */
  readonly dir: string;
  readonly runner: ProcessRunner;
  readonly sys: Pick<Sys, 'openConsoleSocket' | 'takeTerminal'>;
}

/** What the command gets as its first three descriptors; the caller keeps and closes its own. */
export interface CommandStdio {
  readonly stdin: number;
  readonly stdout: number;
  readonly stderr: number;
}

export interface DetachedCommand {
  readonly pid: number;
  /** The master of the terminal, where the command has one; the caller's to close. */
  readonly terminal?: number;
}

/** That a runtime answers at all; on an emulated CPU a second was measured. */
const TIMEOUT_MS = 60_000;

/**
 * Resolves when the command runs. Without `stdio` it has a terminal. Throws `RuntimeError` when the runtime
 * has refused, so that nothing was run.
 */
export async function execDetached(
  context: DetachedContext,
  id: string,
  command: ProcessSpec,
  stdio?: CommandStdio,
): Promise<DetachedCommand> {
  const dir = attempt(() => makeDirectory(context.dir));
  let consoleSocket: number | undefined;
  try {
    const [processFile, pidFile] = [join(dir, 'process.json'), join(dir, 'pid')];
    const paths = { root: context.root, logFile: join(dir, 'log.json') };
    const socketPath = stdio === undefined ? join(dir, 'console') : undefined;
    attempt(() => writeFileSync(processFile, renderSpec(command)));
    if (socketPath !== undefined) {
      consoleSocket = attempt(() => context.sys.openConsoleSocket(socketPath));
    }
    const args = detachedExecArgs(paths, id, processFile, pidFile, socketPath);
    await run(context, args, paths.logFile, stdio);
    const pid = Number(readFileSync(pidFile, 'utf8'));
    if (consoleSocket === undefined) return { pid };
    // The runtimes do not wait for anybody to take it.
    const terminal = context.sys.takeTerminal(consoleSocket);
    if (terminal === undefined) throw refusal(`${basename(context.binary)} has sent no terminal`);
    return { pid, terminal };
  } finally {
    if (consoleSocket !== undefined) closeSync(consoleSocket);
    removeTree(dir);
  }
}

function makeDirectory(parent: string): string {
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  return mkdtempSync(join(parent, 'x'));
}

async function run(
  { binary, runner }: DetachedContext,
  args: readonly string[],
  logFile: string,
  stdio: CommandStdio | undefined,
): Promise<void> {
  const result = await runner
    .run(binary, args, { ...stdio, timeoutMs: TIMEOUT_MS })
    .catch((cause: unknown) => {
      const message = `Cannot execute ${binary}: ${errnoCode(cause) ?? errorMessage(cause)}`;
      throw new RuntimeError('not-executable', 'exec', message, { cause });
    });
  if (result.exit.kind === 'exited' && result.exit.code === 0) return;
  throw refusal(takeLog(logFile) ?? `${basename(binary)} exec: ${describeExit(result.exit)}`);
}

function refusal(message: string, options?: ErrorOptions): RuntimeError {
  return new RuntimeError('exec-failed', 'exec', message, options);
}

function attempt<T>(action: () => T): T {
  try {
    return action();
  } catch (cause) {
    throw refusal(`Cannot prepare the command: ${errorMessage(cause)}`, { cause });
  }
}
