/** Talking TCP with a guest in lines: Redis, or the shell of a test image. */
import { connect } from 'node:net';

/**
 * Sends `text` to a port of this host and resolves with everything that comes back until the other side
 * closes. Rejects when the connection breaks or `timeoutMs` is over.
 */
export function talk(port: number, text: string, timeoutMs = 20_000): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let answer = '';
  const socket = connect(port, '127.0.0.1', () => void socket.write(text));
  socket.setTimeout(timeoutMs, () => {
    reject(new Error(`No end of the answer within ${timeoutMs} ms; so far: ${answer}`));
  });
  socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
  socket.on('error', reject);
  socket.on('end', () => resolve(answer));
  return promise.finally(() => socket.destroy());
}
