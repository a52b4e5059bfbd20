/**
 * Stands in for a virtio-serial port and for PID 1: a unix socket whose one client is "the host", and a
 * control server whose answers a test decides.
 */
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerResponse,
} from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import type { BytePort } from '../../supervisor/bridge/byte-port.ts';

export interface FakePort extends BytePort {
  readonly server: Server;
  /** Bytes the guest wrote that no client was there for, delivered to the next one as QEMU would. */
  leaveBehind(bytes: Uint8Array): void;
}

/** Reads answer 0 while nobody is connected, as the Linux driver does. */
export async function listenAsPort(path: string): Promise<FakePort> {
  let host: Socket | undefined;
  const inbox: Buffer[] = [];
  let stale: Uint8Array[] = [];
  let wake = (): void => {};
  const server = createServer((socket) => {
    host?.destroy();
    host = socket;
    for (const bytes of stale) socket.write(bytes);
    stale = [];
    socket.on('data', (chunk: Buffer) => {
      inbox.push(chunk);
      wake();
    });
    socket.on('error', () => {});
    socket.once('close', () => {
      if (host === socket) host = undefined;
      wake();
    });
  });
  await listening(server, path);
  return {
    server,
    leaveBehind: (bytes) => stale.push(bytes),
    async read() {
      const first = inbox.shift();
      if (first !== undefined) return first;
      if (host === undefined) return Buffer.alloc(0);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      return inbox.shift() ?? Buffer.alloc(0);
    },
    write: (bytes) =>
      new Promise((resolve) => {
        if (host === undefined) resolve();
        else host.write(bytes, () => resolve());
      }),
    async close() {
      host?.destroy();
      server.close();
      wake();
      await Promise.resolve();
    },
  };
}

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A control server on `path` that answers as `answer` does. */
export async function listenAsControl(path: string, answer: Answer): Promise<HttpServer> {
  const server = createHttpServer(answer);
  await listening(server, path);
  return server;
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
}
