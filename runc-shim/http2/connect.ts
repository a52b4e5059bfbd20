import { connect } from 'node:net';
import { ClientSession } from './client-session.ts';

/** HTTP/2 from the first byte, as somebody who knows that the server speaks it (RFC 9113, 3.3). That it cannot be reached its streams say. */
export function connectHttp2(socketPath: string): ClientSession {
  const socket = connect(socketPath);
  const session = new ClientSession({
    write: (bytes) => socket.write(bytes),
    close: () => socket.destroySoon(),
  });
  socket
    .on('data', (chunk: Buffer) => session.push(chunk))
    .on('error', (error) => session.lost(error))
    .on('close', () => session.lost());
  return session;
}
