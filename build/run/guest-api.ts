/**
 * The control API of a machine that runs here, through its virtio-serial port.
 *
 * What is written while the guest has not opened its end is lost without an error, the connection's
 * first bytes included: so an attempt that gets no answer soon is repeated on a new connection.
 */
import { connect } from 'node:net';
import {
  type ControlClient,
  connectOverHttp2,
  ControlError,
} from '../../supervisor/control/client.ts';

const ATTEMPT_MS = 5_000;

/**
 * Runs one request against the guest and hands back its answer.
 * Throws `ControlError`: at once when the guest refuses, after `timeoutMs` when it stays unreachable.
 */
export async function askGuest<T>(
  controlSocketPath: string,
  request: (client: ControlClient) => Promise<T>,
  timeoutMs: number,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const client = connectOverHttp2(() => connect(controlSocketPath), { timeoutMs: ATTEMPT_MS });
    try {
      return await request(client);
    } catch (error) {
      const again = error instanceof ControlError && AGAIN.has(error.code);
      if (!again || performance.now() >= deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    } finally {
      client.close();
    }
  }
}

const AGAIN: ReadonlySet<string> = new Set(['unreachable', 'timed-out']);
