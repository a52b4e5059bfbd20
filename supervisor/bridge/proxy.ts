/**
 * One request of the host, passed on to PID 1's socket and its answer passed back. Adds nothing to the
 * control API and takes nothing away; requests of that API have no body.
 */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { pipeline } from 'node:stream';
import type { ApiError } from '../control/api.ts';

/** Answers `stream`, or resets it when PID 1 goes away in the middle of the answer. */
export function passOn(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  socketPath: string,
): void {
  const request = httpRequest({
    socketPath,
    method: pseudoHeader(headers[':method'], 'GET'),
    path: pseudoHeader(headers[':path'], '/'),
    headers: { host: 'ishmael' },
    agent: false,
  });
  request.once('response', (answer) => passBack(answer, stream));
  request.on('error', (error) => refuse(stream, `Cannot reach PID 1: ${error.message}`));
  stream.on('error', () => request.destroy());
  stream.once('close', () => request.destroy());
  stream.resume();
  request.end();
}

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
