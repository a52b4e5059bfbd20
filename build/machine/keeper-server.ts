/**
 * The sockets by which commands reach a machine: `api.sock`, HTTP/1.1, the guest's control API below
 * `/v1/` and orders about the machine itself below `/host/`; and `console.sock`, the serial line.
 */
import { once } from 'node:events';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { errorMessage } from '../../sys/errno.ts';
import type { Vm } from '../run/vm.ts';
import { isExecPath } from '../../supervisor/exec/exec-shapes.ts';
import { passExec } from './exec-proxy.ts';
import { openGuestLink } from './guest-link.ts';
import { passToGuest } from './guest-proxy.ts';
import type { SocketPaths } from './machine-paths.ts';

export interface KeeperServer {
  close(): void;
}

export interface HostOrders {
  kill(): Promise<unknown>;
  pressPowerButton(): Promise<void>;
}

/** Rejects when a socket cannot be made. */
export async function serveMachine(
  vm: Pick<Vm, 'controlSocketPath' | 'console' | 'sendConsole'>,
  orders: HostOrders,
  paths: SocketPaths,
): Promise<KeeperServer> {
  const link = openGuestLink(() => connect(vm.controlSocketPath));
  const shouldUpgradeCallback = ({ url = '' }: IncomingMessage): boolean => isExecPath(url);
  const api = createHttpServer({ shouldUpgradeCallback }, (request, response) => {
    if (request.url?.startsWith('/host/') === true) void obey(orders, request, response);
    else void passToGuest(link, request, response);
  });
  api.on('upgrade', (request, socket) => void passExec(link, request, socket as Socket));
  const terminals = createServer((socket) => serveTerminal(vm, socket));
  await listening(api, paths.api);
  await listening(terminals, paths.console);
  return {
    close() {
      link.close();
      // Those that were upgraded end with the link.
      api.closeAllConnections();
      api.close();
      terminals.close();
    },
  };
}

async function obey(
  orders: HostOrders,
  { method, url }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  response.setHeader('content-type', 'application/json');
  if (method === 'POST' && url === '/host/kill') {
    // Answered first: afterwards there is nobody who could.
    response.writeHead(202).end('{}', () => void orders.kill());
    return;
  }
  if (method !== 'POST' || url !== '/host/power-button') {
    response.writeHead(404).end('{"code":"not-found","message":"No such order"}');
    return;
  }
  try {
    await orders.pressPowerButton();
    response.writeHead(202).end('{}');
  } catch (error) {
    const body = { code: 'internal', message: errorMessage(error) };
    response.writeHead(500).end(JSON.stringify(body));
  }
}

/** What a terminal that is attached sees first, so that it stands in some context. */
const CONTEXT_LINES = 24;
/** One that takes no more output than this is cut off rather than remembered for. */
const LONGEST_BACKLOG = 1024 * 1024;

function serveTerminal(
  { console: record, sendConsole }: Pick<Vm, 'console' | 'sendConsole'>,
  socket: Socket,
): void {
  socket.write(record.text().split('\n').slice(-CONTEXT_LINES).join('\n'));
  const unsubscribe = record.subscribe((chunk) => {
    if (socket.writableLength > LONGEST_BACKLOG) socket.destroy();
    else socket.write(chunk);
  });
  socket.on('data', (typed: Buffer) => sendConsole(typed));
  socket.on('error', () => {});
  socket.once('close', unsubscribe);
}

async function listening(server: Server, path: string): Promise<void> {
  server.listen(path);
  await once(server, 'listening');
}
