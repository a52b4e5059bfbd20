import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { READ_SOCKET } from './api.ts';
import type { ControlPort } from './control-port.ts';
import { startControlServer } from './server.ts';

/**
 * Both sockets of a machine: the one with all rights, and the one that only answers questions. That one has
 * a directory of its own, because a container gets the directory: a socket is another file each time PID 1
 * is executed again.
 */
export async function serveMachine(port: ControlPort): Promise<void> {
  await startControlServer(port);
  mkdirSync(dirname(READ_SOCKET), { recursive: true, mode: 0o700 });
  await startControlServer(port, READ_SOCKET, 'read');
}
