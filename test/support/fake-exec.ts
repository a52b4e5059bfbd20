/** Speaks for a guest in which a command is run, on the upgraded connection. */
import type { Duplex } from 'node:stream';
import type { ProcessSpec } from '../../runc-shim/oci/runtime-spec.ts';
import { runtimeRunner } from '../../supervisor/exec/run-runtime.ts';
import { serveExec } from '../../supervisor/exec/session.ts';
import { createLinuxSys } from '../../sys/linux/linux-sys.ts';
import { EXEC_PROTOCOL, type ExecRequest } from '../../supervisor/exec/exec-shapes.ts';
import {
  createFrameSplitter,
  decodeJson,
  encodeFrames,
  encodeJson,
  encodeTaken,
} from '../../supervisor/exec/frame.ts';

const CTRL_D = 4;
const SWITCHING = `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${EXEC_PROTOCOL}\r\n\r\n`;

/**
 * Tells the request on standard output when it has a terminal and new sizes on standard error, echoes the
 * input and ends with it, or with Ctrl-D: with the code that is the command's second word, or with the length of the input.
 * There is no program `nope`, `die` ends by SIGKILL and `hang` not at all. Resolves when the client has gone.
 */
export function answerExec(socket: Duplex): Promise<void> {
  const split = createFrameSplitter();
  let [code, length] = [Number.NaN, 0];
  let hangs = false;
  const end = (how: object): void => void socket.end(encodeJson('end', how));

  function begin(request: ExecRequest): void {
    code = Number(request.args[1]);
    hangs = request.args[0] === 'hang';
    if (request.args[0] === 'nope')
      end({ kind: 'refused', code: 'no-program', message: 'no nope' });
    if (request.args[0] === 'die') end({ kind: 'signaled', signal: 9, core: false });
    if (request.terminal === undefined) return;
    socket.write(encodeFrames('stdout', Buffer.from(JSON.stringify(request))));
  }

  socket.write(SWITCHING);
  socket.on('data', (chunk: Buffer) => {
    for (const { name, bytes } of split(chunk)) {
      if (name === 'request') begin(decodeJson(bytes) as ExecRequest);
      if (name === 'resize') socket.write(encodeFrames('stderr', bytes));
      if (name !== 'stdin' || socket.writableEnded) continue;
      length += bytes.length;
      socket.write(encodeTaken(bytes.length));
      if (bytes.length > 0) socket.write(encodeFrames('stdout', bytes));
      if (hangs) continue;
      if (bytes.length === 0 || bytes.includes(CTRL_D))
        end({ kind: 'exited', code: Number.isNaN(code) ? length : code });
    }
  });
  socket.on('error', () => {});
  return new Promise((resolve) => socket.once('end', () => socket.end(resolve)));
}

/** Speaks for a guest whose containers have the root of this machine: copies are real, and nothing else is. */
export function answerCopy(socket: Duplex): void {
  socket.write(SWITCHING);
  // Every path of a copy is absolute, so that this process need not go anywhere.
  const sys = { ...createLinuxSys(), chroot: () => {} };
  const nowhere = { runner: runtimeRunner, binary: '/nonexistent', root: '/', dir: '/nonexistent' };
  const container = { id: 'web', process: {} as ProcessSpec, pid: process.pid };
  void serveExec({ ...nowhere, sys }, container, socket);
}
