/** The answers of the control API that are one JSON value. */
import type { ServerResponse } from 'node:http';
import { errorMessage } from '../../sys/errno.ts';
import type { ApiError } from './api.ts';
import { RefusedError } from './control-port.ts';

export function sendFound(response: ServerResponse, id: string, value: unknown): void {
  if (value === undefined) sendError(response, 404, 'not-found', `No unit "${id}"`);
  else send(response, 200, value);
}

export function sendAccepted(response: ServerResponse, id: string, accepted: boolean): void {
  if (accepted) send(response, 202, {});
  else sendError(response, 404, 'not-found', `No service "${id}"`);
}

export function sendError(
  response: ServerResponse,
  status: number,
  code: ApiError['code'],
  message: string,
): void {
  send(response, status, { code, message } satisfies ApiError);
}

export function send(response: ServerResponse, status: number, body: unknown): void {
  sendText(response, status, JSON.stringify(body));
}

/** What is JSON already. */
export function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

/** What a `ControlPort` has thrown. */
export function sendFailure(response: ServerResponse, error: unknown): void {
  if (response.headersSent) response.destroy();
  else if (error instanceof RefusedError) sendError(response, 409, 'refused', error.message);
  else sendError(response, 500, 'internal', errorMessage(error));
}
