/**
 * `status-page [ADDRESS:PORT]`: the program of the component `ishmael/status`. It serves the status page, by
 * default at every address on port 8090, and reaches PID 1 through the read side of the control API only.
 */
import { errorMessage } from '../../sys/errno.ts';
import { READ_SOCKET } from '../control/api.ts';
import { connectOverUnixSocket } from '../control/client.ts';
import { parseListen } from '../status-page/listen.ts';
import { startStatusServer } from '../status-page/status-server.ts';

/** Ends with a signal. Exit code 2 for wrong usage, 1 when it cannot listen. */
export async function statusPageApplet(
  [text = '0.0.0.0:8090', ...more]: readonly string[],
  socketPath: string = READ_SOCKET,
): Promise<number> {
  const listen = parseListen(text);
  if (listen === undefined || more.length > 0) {
    process.stderr.write('Usage: status-page [ADDRESS:PORT]\n');
    return 2;
  }
  const client = connectOverUnixSocket(socketPath);
  try {
    const server = await startStatusServer({ client, ...listen });
    process.stdout.write(`The status page is on port ${server.port}\n`);
    // As the first process of a container it gets no signal that it does not ask for.
    await new Promise<void>((resolve) => {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
    });
    server.close();
    process.exit(0);
  } catch (error) {
    process.stderr.write(`Cannot listen on ${text}: ${errorMessage(error)}\n`);
    return 1;
  }
}
