/**
 * The control API of a machine that runs here, through its virtio-serial port.
 *
 * What is written while the guest has not opened its end is lost without an error, the connection's
 * first bytes included: so an attempt that gets no answer soon is repeated on a new connection.
 */
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type ControlClient,
  connectOverHttp2,
  ControlError,
} from '../../supervisor/control/client.ts';

const ATTEMPT_MS = 5_000;

/**
 * Runs one request against the guest and hands back its answer. Throws `ControlError`: at once when the
 * guest refuses or `machineEnded` resolves, after `timeoutMs` when it stays unreachable.
 */
export async function askGuest<T>(
  controlSocketPath: string,
  request: (client: ControlClient) => Promise<T>,
  timeoutMs: number,
  machineEnded?: Promise<unknown>,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  const ended = new AbortController();
  void machineEnded?.then(() => ended.abort());
  for (;;) {
    const client = connectOverHttp2(() => connect(controlSocketPath), { timeoutMs: ATTEMPT_MS });
    const onEnd = (): void => client.close();
    ended.signal.addEventListener('abort', onEnd, { once: true });
    try {
      return await request(client);
    } catch (error) {
      const again = error instanceof ControlError && AGAIN.has(error.code);
      if (!again || ended.signal.aborted || performance.now() >= deadline) throw error;
      await delay(100);
    } finally {
      ended.signal.removeEventListener('abort', onEnd);
      client.close();
    }
  }
}

const AGAIN: ReadonlySet<string> = new Set(['unreachable', 'timed-out']);
