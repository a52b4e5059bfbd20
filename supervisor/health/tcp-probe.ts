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
    socket.once('connect', () => settle(true, 'connected'));
    // Stays: what comes after the end must not be an uncaught error.
    socket.on('error', (error) => settle(false, errnoCode(error) ?? errorMessage(error)));
  });
}
