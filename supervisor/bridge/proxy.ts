/**
 * One request of the host, passed on to PID 1's socket and its answer passed back. Adds nothing to the
 * control API and takes nothing away. Requests of that API have no body, but for an exec: there the bodies of
 * the two directions are what an upgraded connection carries.
 */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { pipeline } from 'node:stream';
import type { ApiError } from '../control/api.ts';
import { EXEC_CONTENT_TYPE, EXEC_PROTOCOL, isExecPath } from '../exec/exec-shapes.ts';

/** Answers `stream`, or resets it when PID 1 goes away in the middle of the answer. */
export function passOn(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  socketPath: string,
): void {
  const path = pseudoHeader(headers[':path'], '/');
  const isExec = isExecPath(path);
  const request = httpRequest({
    socketPath,
    method: pseudoHeader(headers[':method'], 'GET'),
    path,
    headers: { host: 'ishmael', ...(isExec && UPGRADE) },
    agent: false,
  });
  request.once('response', (answer) => passBack(answer, stream));
  request.once('upgrade', (_answer, socket, head) => joinBodies(stream, socket, head));
  request.on('error', (error) => refuse(stream, `Cannot reach PID 1: ${error.message}`));
  stream.on('error', () => request.destroy());
  stream.once('close', () => request.destroy());
  if (!isExec) stream.resume();
  request.end();
}

/** The end of either is the end of the other: neither side of an exec ends before the whole is over. */
function joinBodies(stream: ServerHttp2Stream, socket: Socket, head: Uint8Array): void {
  socket.on('error', () => socket.destroy());
  if (stream.destroyed) {
    socket.destroy();
    return;
  }
  stream.respond({ ':status': 200, 'content-type': EXEC_CONTENT_TYPE });
  if (head.length > 0) stream.write(head);
  socket.pipe(stream);
  stream.pipe(socket);
  stream.once('close', () => socket.destroy());
  socket.once('close', () => stream.end());
}

const UPGRADE = { connection: 'Upgrade', upgrade: EXEC_PROTOCOL, 'content-length': 0 } as const;

function passBack(answer: IncomingMessage, stream: ServerHttp2Stream): void {
  if (stream.destroyed || stream.headersSent) return;
  stream.respond({
    ':status': answer.statusCode ?? 502,
    'content-type': answer.headers['content-type'] ?? 'application/json',
  });
  pipeline(answer, stream, (error) => {
    if (error !== null && error !== undefined) stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  });
}

function refuse(stream: ServerHttp2Stream, message: string): void {
  if (stream.destroyed || stream.headersSent) return;
  const body: ApiError = { code: 'internal', message };
  stream.respond({ ':status': 502, 'content-type': 'application/json' });
  stream.end(JSON.stringify(body));
}

function pseudoHeader(value: string | string[] | undefined, otherwise: string): string {
  return typeof value === 'string' && value !== '' ? value : otherwise;
}
