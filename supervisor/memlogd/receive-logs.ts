/**
 * memlogd's write side: a datagram socket to which a client sends the name of a log and a descriptor that it is to be read
 * from, of a pipe or a socket. Each is read until its end.
 */
import { closeSync, fstatSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Sys } from '../../sys/sys.ts';
import { LineSplitter } from '../log/line-splitter.ts';

/** Without a limit one client could take all descriptors there are. */
const MAX_LOGS = 512;
const MAX_NAME = 256;

export interface LogReceiver {
  readonly onLine: (source: string, text: string) => void;
  readonly onProblem: (text: string) => void;
}

/** Returns what ends it and removes the socket; what is being read is read on. Throws `SysError`. */
export function receiveLogs(
  sys: Pick<Sys, 'openDatagramSocket' | 'receiveDescriptors'>,
  path: string,
  receiver: LogReceiver,
): () => void {
  let open = 0;

  function accept(): void {
    for (;;) {
      const message = sys.receiveDescriptors(socket.fd);
      if (message === undefined) return;
      const source = Buffer.from(message.bytes).toString('utf8').slice(0, MAX_NAME);
      for (const fd of message.descriptors) {
        if (open < MAX_LOGS && canBeRead(fd)) {
          open += 1;
          readLog(fd, source, receiver, () => (open -= 1));
        } else {
          closeSync(fd);
          receiver.onProblem(`${source}: the log is not read: no pipe or socket, or one too many`);
        }
      }
    }
  }

  // Before the socket is there: without a listener the signal ends the process.
  process.on('SIGIO', accept);
  const socket = sys.openDatagramSocket(path, 0o600);
  accept();
  return () => {
    process.off('SIGIO', accept);
    socket.close();
  };
}

/** What can be waited for. */
function canBeRead(fd: number): boolean {
  const stat = fstatSync(fd);
  return stat.isFIFO() || stat.isSocket();
}

function readLog(
  fd: number,
  source: string,
  { onLine }: Pick<LogReceiver, 'onLine'>,
  onEnd: () => void,
): void {
  const splitter = new LineSplitter();
  const stream = new Socket({ fd, readable: true, writable: false });
  stream.on('data', (chunk: Buffer) => {
    for (const line of splitter.push(chunk).lines) onLine(source, line);
  });
  // An error ends it as well.
  stream.on('error', () => undefined);
  stream.on('close', () => {
    const rest = splitter.flush();
    if (rest !== undefined) onLine(source, rest);
    onEnd();
  });
}
