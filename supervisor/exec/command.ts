/** One command of an exec: started, its streams, its end. For the helper process, which owns all its orphans. */
import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { ReadStream } from 'node:tty';
import type { ProcessSpec } from '../../runc-shim/oci/runtime-spec.ts';
import { type DetachedContext, execDetached } from '../../runc-shim/runc/detached-exec.ts';
import type { Exit } from '../../sys/exit.ts';
import type { Sys, WindowSize } from '../../sys/sys.ts';
import { awaitChild } from './await-child.ts';
import type { ExecRequest } from './exec-shapes.ts';

export interface CommandContext extends DetachedContext {
  readonly sys: Pick<
    Sys,
    | 'openConsoleSocket'
    | 'takeTerminal'
    | 'setWindowSize'
    | 'openPipe'
    | 'duplicate'
    | 'peekExited'
    | 'collectExited'
  >;
}

export interface Command {
  /** `undefined` of what this process does itself. */
  readonly pid: number | undefined;
  readonly input: Writable;
  /** What it shows on its terminal, or what it writes to each of the two. */
  readonly outputs: readonly CommandOutput[];
  readonly exit: Promise<Exit>;
  resize(size: WindowSize): void;
}

export interface CommandOutput {
  readonly name: 'stdout' | 'stderr';
  readonly stream: Readable;
}

/** Throws `RuntimeError` when the runtime refuses. */
export async function startCommand(
  context: CommandContext,
  id: string,
  base: ProcessSpec,
  request: ExecRequest,
): Promise<Command> {
  const spec = commandSpec(base, request);
  return request.terminal === undefined
    ? withPipes(context, id, spec)
    : withTerminal(context, id, spec, request.terminal);
}

/** The container's program as `base`, with what the request says in its place. Pure. */
export function commandSpec(base: ProcessSpec, request: ExecRequest): ProcessSpec {
  const { args, terminal, env = [], cwd = base.cwd } = request;
  const replaced = new Set(env.map(nameOf));
  return {
    ...base,
    terminal: terminal !== undefined,
    ...(terminal && { consoleSize: { height: terminal.rows, width: terminal.columns } }),
    args,
    env: [...base.env.filter((word) => !replaced.has(nameOf(word))), ...env],
    cwd,
  };
}

function nameOf(word: string): string {
  return word.split('=', 1)[0] ?? '';
}

async function withTerminal(
  context: CommandContext,
  id: string,
  spec: ProcessSpec,
  size: WindowSize,
): Promise<Command> {
  const { sys } = context;
  const { pid, terminal = -1 } = await execDetached(context, id, spec);
  sys.setWindowSize(terminal, size);
  const exit = awaitChild(sys, pid);
  const stream = new ReadStream(terminal);
  const kept = sys.duplicate(terminal);
  let isLeft = false;
  // EIO: nobody has the terminal open any more. Many programs close their streams a moment before they exit,
  // and the end of the master would hang them up with their exit code still to come.
  stream.on('error', () => (isLeft = true));
  stream.once('close', () => {
    if (isLeft) void exit.then(() => closeSync(kept));
    else closeSync(kept);
  });
  return {
    pid,
    input: stream,
    outputs: [{ name: 'stdout', stream }],
    exit,
    resize(wanted) {
      if (!stream.destroyed) sys.setWindowSize(terminal, wanted);
    },
  };
}

/** Pipes and not those of child_process, which are sockets: a command may open /dev/stdin again. */
async function withPipes(context: CommandContext, id: string, spec: ProcessSpec): Promise<Command> {
  const { sys } = context;
  const [stdin, stdout, stderr] = [sys.openPipe(), sys.openPipe(), sys.openPipe()];
  const [ours, theirs] = [
    [stdin.write, stdout.read, stderr.read],
    [stdin.read, stdout.write, stderr.write],
  ];
  try {
    const stdio = { stdin: stdin.read, stdout: stdout.write, stderr: stderr.write };
    const { pid } = await execDetached(context, id, spec, stdio);
    const input = new Socket({ fd: stdin.write, readable: false, writable: true });
    // EPIPE: it does not want to hear more.
    input.on('error', () => input.destroy());
    return {
      pid,
      input,
      outputs: [
        { name: 'stdout', stream: reader(stdout.read) },
        { name: 'stderr', stream: reader(stderr.read) },
      ],
      exit: awaitChild(sys, pid),
      resize() {},
    };
  } catch (error) {
    for (const fd of ours) closeSync(fd);
    throw error;
  } finally {
    for (const fd of theirs) closeSync(fd);
  }
}

function reader(fd: number): Readable {
  const stream = new Socket({ fd, readable: true, writable: false });
  stream.on('error', () => stream.destroy());
  return stream;
}
