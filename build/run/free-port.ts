/**
 * Ports of the host's loopback. A port found here can be taken by another process before QEMU binds
 * it; QEMU then refuses to start, which its caller sees.
 */
import { createServer } from 'node:net';
import { once } from 'node:events';
import { errnoCode } from '../../sys/errno.ts';
import type { PortForward } from './port-forward.ts';

/** A port of 127.0.0.1 nobody listens on: `wanted` itself when it is free, else any. 0 wants any. */
export async function freePort(wanted: number): Promise<number> {
  return (await tryPort(wanted)) ?? (await tryPort(0)) ?? wanted;
}

/** The forwards with every 0 replaced by a free port. */
export async function choosePorts(forwards: readonly PortForward[]): Promise<PortForward[]> {
  const chosen: PortForward[] = [];
  for (const { host, guest } of forwards) {
    chosen.push({ host: host === 0 ? await freePort(0) : host, guest });
  }
  return chosen;
}

async function tryPort(port: number): Promise<number | undefined> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : undefined;
  } catch (error) {
    const code = errnoCode(error);
    // EACCES: below 1024 and not root.
    if (code === 'EADDRINUSE' || code === 'EACCES') return undefined;
    throw error;
  } finally {
    server.close();
  }
}
