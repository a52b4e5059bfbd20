/**
 * An exec from the client's side, on a unix socket that serves the control API: PID 1's own, or that of a
 * machine's keeper. Knows nothing of terminals: whoever has one puts it in its raw mode and back.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Exit } from '../../sys/exit.ts';
import type { WindowSize } from '../../sys/sys.ts';
import { ControlError, refusal } from '../control/client.ts';
import {
  EXEC_PROTOCOL,
  type ExecEnd,
  execPath,
  type ExecRefusal,
  type SessionRequest,
  UPDATE_PATH,
  type UpdateRequest,
} from './exec-shapes.ts';
import {
  createFrameSplitter,
  decodeJson,
  decodeTaken,
  encodeFrames,
  encodeJson,
  type Frame,
  INPUT_WINDOW,
  MAX_FRAME_BYTES,
} from './frame.ts';

/** What becomes of what the command writes; a promise slows it down until it has been written. */
export interface ExecOutputs {
  stdout(bytes: Uint8Array): void | Promise<void>;
  stderr(bytes: Uint8Array): void | Promise<void>;
}

export interface RunningExec {
  /** How the command ended, or why none was run. Rejects with `ControlError` when the connection is lost. */
  readonly end: Promise<Exit | ExecRefusal>;
  /** Resolves when there is room for more; after the end, or the loss of the connection, at once. */
  write(bytes: Uint8Array): Promise<void>;
  /** After all that was written. */
  endInput(): void;
  resize(size: WindowSize): void;
  /** Goes away: the command is hung up. */
  leave(): void;
}

/** Rejects with `ControlError`: `refused` or `not-found` by PID 1, `unreachable` without one. */
export async function openExec(
  socketPath: string,
  id: string,
  request: SessionRequest,
  outputs: ExecOutputs,
): Promise<RunningExec> {
  return openSession(socketPath, execPath(id), request, outputs);
}

/** The same for the machine itself, which can be updated and nothing else. */
export async function openUpdate(
  socketPath: string,
  request: UpdateRequest,
  outputs: ExecOutputs,
): Promise<RunningExec> {
  return openSession(socketPath, UPDATE_PATH, request, outputs);
}

async function openSession(
  socketPath: string,
  path: string,
  request: SessionRequest,
  outputs: ExecOutputs,
): Promise<RunningExec> {
  const order = encodeJson('request', request);
  if (order.length > MAX_FRAME_BYTES) {
    throw new ControlError('bad-request', `A command has at most ${MAX_FRAME_BYTES} bytes`);
  }
  const { socket, head } = await upgrade(socketPath, path);
  socket.write(order);
  return converse(socket, head, outputs);
}

function upgrade(
  socketPath: string,
  path: string,
): Promise<{ readonly socket: Socket; readonly head: Uint8Array }> {
  const http = process.getBuiltinModule('node:http');
  return new Promise((resolve, reject) => {
    const fail = (cause: Error): void => {
      reject(new ControlError('unreachable', cause.message, { cause }));
    };
    const headers = {
      host: 'ishmael',
      connection: 'Upgrade',
      upgrade: EXEC_PROTOCOL,
      'content-length': 0,
    };
    const request = http.request({ socketPath, method: 'POST', path, headers, agent: false });
    request.once('upgrade', (_answer, socket, head) => {
      // From now on the conversation hears of errors; the request would throw them.
      request.on('error', () => {});
      resolve({ socket, head });
    });
    request.once('response', (answer) => {
      readAll(answer).then((text) => reject(refusal(answer.statusCode ?? 0, text)), fail);
    });
    request.once('error', fail);
    request.end();
  });
}

async function readAll(answer: IncomingMessage): Promise<string> {
  const { text } = process.getBuiltinModule('node:stream/consumers');
  return text(answer);
}

function converse(socket: Socket, head: Uint8Array, outputs: ExecOutputs): RunningExec {
  const { promise, resolve, reject } = Promise.withResolvers<ExecEnd>();
  // Whoever wants to know asks; nobody has to.
  promise.catch(() => {});
  const split = createFrameSplitter();
  let underWay = 0;
  let makeRoom = (): void => {};
  let isOver = false;
  let written = Promise.resolve();
  /** One input after another, and its end after all of it. */
  let sent = Promise.resolve();

  function close(): void {
    isOver = true;
    makeRoom();
    socket.destroy();
  }

  function lose(message: string): void {
    close();
    reject(new ControlError('unreachable', message));
  }

  async function take({ name, bytes }: Frame): Promise<void> {
    switch (name) {
      case 'stdout':
      case 'stderr':
        await outputs[name](bytes);
        return;
      case 'taken':
        underWay -= decodeTaken(bytes);
        makeRoom();
        return;
      case 'end':
        close();
        resolve(decodeJson(bytes) as ExecEnd);
        return;
      default:
    }
  }

  async function takeAll(chunk: Uint8Array): Promise<void> {
    for (const frame of split(chunk)) await take(frame);
  }

  /** One chunk after another, and none is read while one is being written. */
  function read(chunk: Uint8Array): void {
    socket.pause();
    written = written
      .then(() => takeAll(chunk))
      .then(
        () => void (isOver || socket.resume()),
        (error: unknown) => lose(error instanceof Error ? error.message : String(error)),
      );
  }

  async function send(bytes: Uint8Array): Promise<void> {
    let rest = bytes;
    while (rest.length > 0) {
      if (underWay >= INPUT_WINDOW) await new Promise<void>((room) => (makeRoom = room));
      if (socket.destroyed) return;
      const part = rest.subarray(0, INPUT_WINDOW - underWay);
      underWay += part.length;
      rest = rest.subarray(part.length);
      if (part.length > 0) socket.write(encodeFrames('stdin', part));
    }
  }

  function endInput(): void {
    if (!socket.destroyed) socket.write(encodeFrames('stdin', Buffer.of()));
  }

  socket.on('data', read);
  socket.on('error', () => {});
  socket.once('close', () => {
    void written.then(() => isOver || lose('The connection was lost before the command had ended'));
  });
  if (head.length > 0) read(head);
  return {
    end: promise,
    async write(bytes) {
      sent = sent.then(() => send(bytes));
      await sent;
    },
    endInput: () => void (sent = sent.then(endInput)),
    resize: (size) => void (isOver || socket.write(encodeJson('resize', size))),
    leave: () => lose('The exec was left'),
  };
}
