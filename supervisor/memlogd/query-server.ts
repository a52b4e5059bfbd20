/**
 * memlogd's read side: a stream socket on which a client says with one byte what it wants, and is told entries, one JSON
 * object a line. `logread` and `logwrite` of LinuxKit are such clients.
 */
import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { HubReader, LogHub } from './log-hub.ts';

/** The bytes: all that is kept; what comes; both. */
const DUMP = 0;
const FOLLOW = 1;
const DUMP_AND_FOLLOW = 2;

/** As much as waits for a client that does not read. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
/** So many follow at once; they cost memory. */
const MAX_CLIENTS = 16;

/** Listens when it resolves. Rejects with the errno error. */
export async function serveQueries(hub: LogHub, path: string): Promise<Server> {
  rmSync(path, { force: true });
  const server = createServer((socket) => answer(hub, socket));
  server.maxConnections = MAX_CLIENTS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  return server;
}

function answer(hub: LogHub, socket: Socket): void {
  // Who has gone away is nobody's concern.
  socket.on('error', () => socket.destroy());
  const reader: HubReader = {
    write(line) {
      if (socket.writableLength > MAX_WAITING_BYTES) return false;
      socket.write(line);
      return true;
    },
  };
  socket.once('data', ([mode]: Buffer) => {
    if (mode === DUMP || mode === DUMP_AND_FOLLOW) hub.dump(reader);
    if (mode === FOLLOW || mode === DUMP_AND_FOLLOW) {
      socket.once('close', hub.follow(reader));
    } else {
      socket.end();
    }
  });
}
