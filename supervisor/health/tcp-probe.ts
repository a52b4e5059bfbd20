import type { Socket } from 'node:net';
import { errnoCode, errorMessage } from '../../sys/errno.ts';
import type { ProbeOutcome } from '../interpreter/launcher.ts';
import { describeSpan } from '../service/describe.ts';

/** Waits for the connection, and ends it at once. Whatever happens the socket is gone afterwards. */
export function probeTcp(socket: Socket, timeoutMs: number): Promise<ProbeOutcome> {
  return new Promise((resolve) => {
    const settle = (passed: boolean, output: string): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ passed, output });
    };
    const late = `no connection within ${describeSpan(timeoutMs)}`;
    const timer = setTimeout(settle, timeoutMs, false, late);
    socket.once('connect', () => {
      if (isConnectedToItself(socket)) settle(false, 'ECONNREFUSED');
      else settle(true, 'connected');
    });
    // Stays: what comes after the end must not be an uncaught error.
    socket.on('error', (error) => settle(false, errnoCode(error) ?? errorMessage(error)));
  });
}

/**
 * A port among those that the kernel gives to connections may be given to this very one. It then meets
 * itself (TCP's simultaneous open) where nobody listens at all.
 */
function isConnectedToItself(socket: Socket): boolean {
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  return localPort === remotePort && localAddress === remoteAddress;
}
