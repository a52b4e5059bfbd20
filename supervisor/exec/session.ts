/**
 * An exec from its request to its end, in a process of its own: what the client sends goes to the command,
 * what the command writes to the client. A client that goes away hangs up the command, as a terminal that is
 * closed does, and one that does not read for minutes counts as gone.
 */
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessSpec } from '../../runc-shim/oci/runtime-spec.ts';
import { RuntimeError } from '../../runc-shim/runtime.ts';
import { signalNumber } from '../../sys/exit.ts';
import type { Sys } from '../../sys/sys.ts';
import { type Command, type CommandContext, startCommand } from './command.ts';
import { startCopy } from './copy.ts';
import type { UpdateTerms } from '../manifest.ts';
import { startUpdate } from './update.ts';
import {
  type ExecEnd,
  type ExecRefusal,
  readSessionRequest,
  type SessionRequest,
  readWindowSize,
} from './exec-shapes.ts';
import {
  createFrameSplitter,
  decodeJson,
  encodeJson,
  encodeTaken,
  type Frame,
  INPUT_WINDOW,
} from './frame.ts';
import { carryOutput } from './carry-output.ts';
import { refusalCode } from './refusal-code.ts';

export interface SessionContext extends CommandContext {
  readonly sys: CommandContext['sys'] &
    Pick<Sys, 'kill' | 'killGroupOf' | 'chroot' | 'mount' | 'umount' | 'sync'>;
}

export interface SessionLimits {
  /** From the upgrade to the request. */
  readonly requestMs: number;
  /** How long a client may take nothing of what was sent to it. */
  readonly stallMs: number;
  /** From SIGHUP to SIGKILL. */
  readonly graceMs: number;
}

const LIMITS: SessionLimits = { requestMs: 10_000, stallMs: 300_000, graceMs: 5_000 };

export interface Container {
  readonly id: string;
  /** Its program as it is declared. */
  readonly process: ProcessSpec;
  /** Its first process, in this pid namespace. */
  readonly pid: number;
}

/** The machine itself. */
export interface UpdateTarget {
  readonly machine: Pick<UpdateTerms, 'certificate'>;
}

/** Resolves when the command has ended, or none was run, and the client has heard so or is gone. */
export async function serveExec(
  context: SessionContext,
  container: Container | UpdateTarget,
  connection: Duplex,
  limits: SessionLimits = LIMITS,
): Promise<void> {
  const client = listen(connection, limits);
  const request = await client.request;
  if (request === undefined) return;
  const command = await start(context, container, request);
  if (!('exit' in command)) {
    await finish(connection, command, limits);
    return;
  }
  client.connect(command);
  const { stallMs } = limits;
  const carried = carryOutput(command, connection, {
    stallMs,
    onStall: () => connection.destroy(),
  });
  void client.gone.then(() => hangUp(context.sys, command, limits));
  const exit = await command.exit;
  await Promise.race([carried(), client.gone]);
  await finish(connection, exit, limits);
}

async function start(
  context: SessionContext,
  container: Container | UpdateTarget,
  request: SessionRequest | string,
): Promise<Command | ExecRefusal> {
  if (typeof request === 'string') return badRequest(request);
  if ('machine' in container) {
    return 'update' in request
      ? startUpdate(context.sys, request, container.machine)
      : badRequest('The machine itself can only be updated');
  }
  if ('update' in request) return badRequest('A container cannot be updated');
  const { id, process, pid } = container;
  if ('copy' in request) return startCopy(context.sys, pid, request);
  try {
    return await startCommand(context, id, process, request);
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    return { kind: 'refused', code: refusalCode(error.message), message: error.message };
  }
}

function badRequest(message: string): ExecRefusal {
  return { kind: 'refused', code: 'bad-request', message };
}

interface Client {
  /** A sentence when it makes no sense; `undefined` when the client has gone, or sent none in time. */
  readonly request: Promise<SessionRequest | string | undefined>;
  readonly gone: Promise<void>;
  /** What was sent from the beginning, and what will be, to this command. */
  connect(command: Pick<Command, 'input' | 'resize'>): void;
}

/** Reads all that the client sends, at any time: otherwise nobody would notice that it has gone. */
function listen(connection: Duplex, { requestMs }: SessionLimits): Client {
  const request = Promise.withResolvers<SessionRequest | string | undefined>();
  const gone = Promise.withResolvers<void>();
  const split = createFrameSplitter();
  let early: Frame[] = [];
  let command: Pick<Command, 'input' | 'resize'> | undefined;
  let isAsked = false;
  let untaken = 0;

  const leave = (): void => {
    clearTimeout(limit);
    connection.destroy();
    request.resolve(undefined);
    gone.resolve();
  };
  const limit = setTimeout(leave, requestMs);

  function take(frame: Frame): void {
    if (!isAsked) {
      isAsked = true;
      clearTimeout(limit);
      request.resolve(
        frame.name === 'request'
          ? readSessionRequest(decodeJson(frame.bytes))
          : 'The first frame wants to be the request',
      );
    } else if (command === undefined) {
      early.push(frame);
    } else {
      handOver(command, frame);
    }
  }

  function handOver({ input, resize }: Pick<Command, 'input' | 'resize'>, frame: Frame): void {
    if (frame.name === 'resize') {
      const size = readWindowSize(decodeJson(frame.bytes));
      if (size !== undefined) resize(size);
    }
    if (frame.name !== 'stdin') return;
    if (frame.bytes.length === 0) endInput(input);
    else input.write(frame.bytes, () => tookInput(frame.bytes.length));
  }

  function tookInput(count: number): void {
    untaken -= count;
    if (connection.writable) connection.write(encodeTaken(count));
  }

  connection.on('data', (chunk: Buffer) => {
    try {
      for (const frame of split(chunk)) {
        if (frame.name === 'stdin') untaken += frame.bytes.length;
        if (untaken > INPUT_WINDOW) throw new RangeError('More input than may be under way');
        take(frame);
      }
    } catch {
      // It speaks something else: there is nothing that it would understand.
      leave();
    }
  });
  connection.on('error', leave);
  connection.once('end', leave);
  connection.once('close', leave);
  return {
    request: request.promise,
    gone: gone.promise,
    connect(to) {
      command = to;
      for (const frame of early) handOver(to, frame);
      early = [];
    },
  };
}

/** A terminal has no end of input but the character for it; the line discipline makes it one. */
const END_OF_TRANSMISSION = '\u{4}';

function endInput(input: Command['input']): void {
  if ('isTTY' in input) input.write(END_OF_TRANSMISSION);
  else input.end();
}

/** As a terminal that is closed does it; who does not end then is ended. */
async function hangUp(
  sys: SessionContext['sys'],
  { pid, exit, input, outputs }: Command,
  { graceMs }: SessionLimits,
): Promise<void> {
  let isOver = false;
  void exit.then(() => (isOver = true));
  // Its end, if it has ended, is told before anything is sent to a pid that may be another's by then.
  await Promise.resolve();
  if (isOver) return;
  if (pid !== undefined) send(sys, pid, 'SIGHUP');
  input.destroy();
  for (const { stream } of outputs) stream.destroy();
  await Promise.race([exit, delay(graceMs, undefined, { ref: false })]);
  if (!isOver && pid !== undefined) send(sys, pid, 'SIGKILL');
}

/** The command is a child of ours that was not collected: the pid is its own. */
function send(sys: SessionContext['sys'], pid: number, name: 'SIGHUP' | 'SIGKILL'): void {
  const signal = signalNumber(name) ?? 0;
  for (const kill of [sys.killGroupOf, sys.kill]) {
    try {
      kill.call(sys, pid, signal);
    } catch {
      // ESRCH: it has ended this moment.
    }
  }
}

/**
 * Resolves when the client has hung up, which it does when it has heard of the end. Not closed from here: what
 * the client is still writing would fail, and with that it would lose what it has not read.
 */
async function finish(connection: Duplex, end: ExecEnd, { stallMs }: SessionLimits): Promise<void> {
  if (connection.destroyed) return;
  const closed = new Promise<void>((resolve) => void connection.once('close', resolve));
  connection.write(encodeJson('end', end));
  await Promise.race([closed, delay(stallMs, undefined, { ref: false })]);
  connection.destroy();
}
