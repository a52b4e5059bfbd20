/** An exec of the keeper's socket, passed on to the guest: an upgraded connection here, two bodies there. */
import { type ClientHttp2Stream, constants } from 'node:http2';
import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { EXEC_CONTENT_TYPE, EXEC_PROTOCOL } from '../../supervisor/exec/exec-shapes.ts';
import type { GuestLink } from './guest-link.ts';
import { answerFrom } from './guest-proxy.ts';

const SWITCHING = `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${EXEC_PROTOCOL}\r\n\r\n`;

export async function passExec(
  link: GuestLink,
  request: IncomingMessage,
  socket: Socket,
): Promise<void> {
  const gone = new AbortController();
  socket.on('error', () => socket.destroy());
  // Half of it is never closed: its end is that of the client.
  socket.once('end', () => socket.destroy());
  socket.once('close', () => gone.abort());
  // Read from the start, although nothing comes yet: otherwise a client that leaves is not noticed.
  socket.resume();
  const headers = {
    [constants.HTTP2_HEADER_METHOD]: 'POST',
    [constants.HTTP2_HEADER_PATH]: request.url ?? '/',
  };
  const stream = await link.open(headers, gone.signal);
  if (stream === undefined) return;
  stream.on('error', () => {});
  if (gone.signal.aborted) stream.close(constants.NGHTTP2_CANCEL);
  gone.signal.addEventListener('abort', () => stream.close(constants.NGHTTP2_CANCEL));
  let isAnswered = false;
  stream.once('response', (answer) => {
    isAnswered = true;
    if (answer['content-type'] === EXEC_CONTENT_TYPE) join(stream, socket);
    else refuse(stream, request, socket, answer[':status'] ?? 502);
  });
  stream.once('close', () => void (isAnswered || socket.destroy()));
}

function join(stream: ClientHttp2Stream, socket: Socket): void {
  socket.write(SWITCHING);
  stream.pipe(socket);
  socket.pipe(stream);
  stream.once('close', () => socket.destroySoon());
}

function refuse(
  stream: ClientHttp2Stream,
  request: IncomingMessage,
  socket: Socket,
  status: number,
): void {
  const response = new ServerResponse(request);
  response.assignSocket(socket);
  response.shouldKeepAlive = false;
  response.once('finish', () => socket.destroySoon());
  response.writeHead(status, { 'content-type': 'application/json' });
  answerFrom(stream, response);
}
