/**
 * Command lines of runc and crun, which are the same for all that we ask. Pure: argument vectors
 * without the program's name, nothing is run here.
 */

export interface RuntimePaths {
  /** Where the runtime keeps its state, one directory per container. In memory: gone at reboot. */
  readonly root: string;
  /** Where it writes why it failed, as JSON lines. The directory must exist. */
  readonly logFile: string;
}

export function createArgs(
  paths: RuntimePaths,
  id: string,
  bundle: string,
  pidFile: string,
  {
    preserveFds = 0,
    consoleSocket,
  }: { preserveFds?: number; consoleSocket?: string | undefined } = {},
): string[] {
  // Those from 3 on. Left out where there are none: what has always worked stays as it was.
  const preserve = preserveFds === 0 ? [] : ['--preserve-fds', String(preserveFds)];
  const files = ['--bundle', bundle, '--pid-file', pidFile];
  const console = consoleSocket === undefined ? [] : ['--console-socket', consoleSocket];
  return [...globalArgs(paths), 'create', ...files, ...preserve, ...console, id];
}

/** With `--process` nothing is inherited from the container's own program, in either runtime. */
export function execArgs(
  paths: RuntimePaths,
  id: string,
  processFile: string,
  pidFile: string,
): string[] {
  return [...globalArgs(paths), 'exec', '--process', processFile, '--pid-file', pidFile, id];
}

/** The same, but the runtime ends when the command runs. With `consoleSocket` the command has a terminal. */
export function detachedExecArgs(
  paths: RuntimePaths,
  id: string,
  processFile: string,
  pidFile: string,
  consoleSocket?: string,
): string[] {
  const console = consoleSocket === undefined ? [] : ['--console-socket', consoleSocket];
  const files = ['--process', processFile, '--pid-file', pidFile];
  return [...globalArgs(paths), 'exec', '--detach', ...console, ...files, id];
}

export function startArgs(paths: RuntimePaths, id: string): string[] {
  return [...globalArgs(paths), 'start', id];
}

/** By number: the runtimes do not agree on the names of real-time signals. */
export function killArgs(paths: RuntimePaths, id: string, signal: number): string[] {
  return [...globalArgs(paths), 'kill', id, String(signal)];
}

/** `--force` kills a running container first and makes a missing one a success, in both runtimes. */
export function deleteArgs(paths: RuntimePaths, id: string): string[] {
  return [...globalArgs(paths), 'delete', '--force', id];
}

function globalArgs({ root, logFile }: RuntimePaths): string[] {
  return ['--root', root, '--log', logFile, '--log-format', 'json'];
}
