/**
 * Requests whose connection goes to another process: commands in containers, and images that are updates. PID 1 reads no byte of
 * what they say.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { EXEC_PROTOCOL } from '../exec/exec-shapes.ts';
import type { Admission } from './admission.ts';
import { send, sendError, sendFailure, sendFound } from './answers.ts';
import type { ControlPort } from './control-port.ts';
import { type Rights, type Route, routeRequest } from './route.ts';

export interface UpgradeContext {
  readonly port: ControlPort;
  readonly rights: Rights;
  readonly admission: Admission;
}

/** The answer is that of the process that takes the connection over, unless there is none. */
export function answerUpgrade(
  { port, rights, admission }: UpgradeContext,
  request: IncomingMessage,
  socket: Socket,
  head: Uint8Array,
): void {
  socket.removeAllListeners('data');
  const { ServerResponse: Response } = process.getBuiltinModule('node:http');
  const response = new Response(request);
  response.once('finish', () => socket.destroySoon());
  response.on('error', () => socket.destroy());
  if (socket.destroyed || !admission.ask(socket)) {
    socket.destroy();
    return;
  }
  response.assignSocket(socket);
  response.shouldKeepAlive = false;
  const routing = routeRequest(request.method ?? '', request.url ?? '', rights);
  if (!routing.ok) send(response, routing.status, routing.error);
  else if (routing.route.name !== 'exec' && routing.route.name !== 'update')
    sendFound(response, request.url ?? '', undefined);
  else if (request.headers.upgrade !== EXEC_PROTOCOL || head.length > 0)
    sendUpgradeWanted(response);
  else handOn(port, routing.route, socket, response);
}

function handOn(
  port: ControlPort,
  route: Extract<Route, { readonly name: 'exec' | 'update' }>,
  socket: Socket,
  response: ServerResponse,
): void {
  try {
    if (route.name === 'update') {
      port.update(socket);
      socket.destroy();
    } else if (port.exec(route.id, socket)) {
      socket.destroy();
    } else {
      sendFound(response, route.id, undefined);
    }
  } catch (error) {
    sendFailure(response, error);
  }
}

/** For a request that comes without. */
export function sendUpgradeWanted(response: ServerResponse): void {
  const message = `An exec wants "Upgrade: ${EXEC_PROTOCOL}", and nothing behind the request before the answer`;
  sendError(response, 400, 'bad-request', message);
}
